namespace ServerlessImages.Api.Health;

/// <summary>The last result of the checks, for a few seconds: however many ask, the stores are asked once, so that nobody can load them from outside.</summary>
internal sealed class Readiness(ReadinessChecks checks, TimeProvider clock)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Task<IReadOnlyList<Problem>>? last;
    private long endedAt;

    /// <returns>None: the app is ready.</returns>
    public Task<IReadOnlyList<Problem>> ProblemsAsync()
    {
        lock (gate)
        {
            if (last is null || (last.IsCompleted && clock.GetElapsedTime(endedAt) >= KeptFor)) last = CheckAsync();
            return last;
        }
    }

    private async Task<IReadOnlyList<Problem>> CheckAsync()
    {
        // Off the lock, and off the first asker's back.
        await Task.Yield();
        var problems = await checks.RunAsync();
        foreach (var problem in problems) Telemetry.ReadinessFailures.Add(1, KeyValuePair.Create<string, object?>("check", problem.Check));
        Volatile.Write(ref endedAt, clock.GetTimestamp());
        return problems;
    }
}
