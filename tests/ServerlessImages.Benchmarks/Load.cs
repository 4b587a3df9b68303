using System.Diagnostics;

namespace ServerlessImages.Benchmarks;

/// <summary>Callers that each send their next request when the last one is answered, for a time.</summary>
internal static class Load
{
    /// <exception cref="InvalidOperationException">An answer was not 200, or of another length than the first one.</exception>
    public static async Task<LoadResult> RunAsync(Target target, int inFlight, TimeSpan time, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        var callers = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(() => CallAsync(target, started, time, cancel), cancel)));
        var times = callers.SelectMany(caller => caller.Times).ToArray();
        Array.Sort(times);
        return new LoadResult(times, callers.Aggregate(Money.Zero, (sum, caller) => sum + caller.Cost), Stopwatch.GetElapsedTime(started));
    }

    private static async Task<(List<TimeSpan> Times, Money Cost)> CallAsync(Target target, long started, TimeSpan time, CancellationToken cancel)
    {
        using var client = await WireClient.ConnectAsync(target, cancel);
        var times = new List<TimeSpan>(4_096);
        var cost = Money.Zero;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var sent = Stopwatch.GetTimestamp();
            var answer = await client.SendAsync(copy: null, cancel);
            times.Add(Stopwatch.GetElapsedTime(sent));
            if (answer.Status != 200) throw new InvalidOperationException($"A request was answered with {answer.Status}.");
            cost += answer.Cost;
        }

        return (times, cost);
    }
}

/// <param name="Times">Of each request, shortest first.</param>
/// <param name="Cost">What the callers were told that they paid.</param>
internal sealed record LoadResult(TimeSpan[] Times, Money Cost, TimeSpan Elapsed)
{
    public int Requests => Times.Length;
    public double PerSecond => Requests / Elapsed.TotalSeconds;
    public double P50 => Percentile(50);
    public double P95 => Percentile(95);
    public double P99 => Percentile(99);

    /// <returns>In milliseconds.</returns>
    private double Percentile(int percent) => Times.Length == 0 ? 0 : Times[Math.Max(0, (int)Math.Ceiling(Times.Length * percent / 100.0) - 1)].TotalMilliseconds;
}
