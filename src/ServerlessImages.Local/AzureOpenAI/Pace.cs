namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>How long things take and how many are let in: everything that needs a clock or a die.</summary>
internal sealed class Pace(AzureOpenAIEmulatorOptions options)
{
    /// <summary>Source: Microsoft Learn Q&amp;A 12770558 (2026-05-07).</summary>
    private static readonly TimeSpan FirstEventMax = TimeSpan.FromSeconds(60);

    /// <summary>Source: theopenco/llmgateway #2102.</summary>
    private static readonly TimeSpan PlainCallMax = TimeSpan.FromSeconds(122);

    private readonly Lock gate = new();
#pragma warning disable CA5394 // A seeded sequence is the point: a test fails the same way twice.
    private readonly Random failures = new(options.FailureSeed);
#pragma warning restore CA5394
    private readonly Dictionary<string, int> admittedThisMinute = [];
    private long minute = -1;

    public long UnixSeconds() => options.Time.GetUtcNow().ToUnixTimeSeconds();

    public TimeSpan Duration(ImageOrder order) => options.Latency + Delay(order.Steering) + (order.Model.ExpectedTime.GetValueOrDefault(order.Quality) * order.Size.TimeFactor * options.TimeScale);

    /// <summary>The first sketch comes early, as the real one's does, which keeps even a picture of minutes from being cut; without a scale all come evenly.</summary>
    public TimeSpan BeforeFirst(ImageOrder order, TimeSpan step) => options.TimeScale > 0 && order.PartialsSent > 0 ? Duration(order) / 6 : step;

    /// <returns>When a stream is cut that has no event until <paramref name="first"/>; null if it is not.</returns>
    public TimeSpan? SilentWall(TimeSpan first) => Wall(first, FirstEventMax);

    /// <returns>When a plain call of this length is cut; null if it is not.</returns>
    public TimeSpan? PlainWall(TimeSpan duration) => Wall(duration, PlainCallMax);

    public static TimeSpan Delay(Steering steering) => TimeSpan.FromMilliseconds(steering.Number(PromptSteer.Slow));

    public Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        time > TimeSpan.Zero || time == Timeout.InfiniteTimeSpan ? Task.Delay(time, options.Time, cancellationToken) : Task.CompletedTask;

    /// <returns>Calls to a deployment that are left in this minute; below 0, the call is one too many.</returns>
    public int Admit(string deployment)
    {
        lock (gate)
        {
            var now = UnixSeconds() / 60;
            if (now != minute) admittedThisMinute.Clear();
            minute = now;
            var admitted = admittedThisMinute[deployment] = admittedThisMinute.GetValueOrDefault(deployment) + 1;
            return options.RequestsPerMinute - admitted;
        }
    }

    public int SecondsToNextMinute() => 60 - (int)(UnixSeconds() % 60);

    /// <returns>What goes wrong with an otherwise good call, or null.</returns>
    public PromptSteer? BadLuck()
    {
        if (options.FailureRate <= 0 && options.BadDays.Count == 0) return null;
#pragma warning disable CA5394
        double die;
        lock (gate) die = failures.NextDouble();
#pragma warning restore CA5394
        foreach (var (steer, share) in options.BadDays.Prepend(new(PromptSteer.ServerFailed, options.FailureRate)))
        {
            if (die < share) return steer;
            die -= share;
        }

        return null;
    }

    private TimeSpan? Wall(TimeSpan duration, TimeSpan wall) => options.TimeScale > 0 && duration > wall * options.TimeScale ? wall * options.TimeScale : null;
}
