namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>How long things take and how many are let in: everything that needs a clock or a die.</summary>
internal sealed class Pace(AzureOpenAIEmulatorOptions options)
{
    private readonly Lock gate = new();
#pragma warning disable CA5394 // A seeded sequence is the point: a test fails the same way twice.
    private readonly Random failures = new(options.FailureSeed);
#pragma warning restore CA5394
    private long minute = -1;
    private int admittedThisMinute;

    public long UnixSeconds() => options.Time.GetUtcNow().ToUnixTimeSeconds();

    public TimeSpan Duration(ImageOrder order) => options.Latency + Delay(order.Steering);

    public static TimeSpan Delay(Steering steering) => TimeSpan.FromMilliseconds(steering.Number(PromptSteer.Slow));

    public Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        time > TimeSpan.Zero ? Task.Delay(time, options.Time, cancellationToken) : Task.CompletedTask;

    /// <returns>Calls that are left in this minute; below 0, the call is one too many.</returns>
    public int Admit()
    {
        lock (gate)
        {
            var now = UnixSeconds() / 60;
            if (now != minute) (minute, admittedThisMinute) = (now, 0);
            return options.RequestsPerMinute - ++admittedThisMinute;
        }
    }

    public int SecondsToNextMinute() => 60 - (int)(UnixSeconds() % 60);

    public bool IsDueToFail()
    {
        if (options.FailureRate <= 0) return false;
#pragma warning disable CA5394
        lock (gate) return failures.NextDouble() < options.FailureRate;
#pragma warning restore CA5394
    }
}
