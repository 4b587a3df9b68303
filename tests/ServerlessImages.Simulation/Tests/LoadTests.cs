using ServerlessImages.Accounts;
using ServerlessImages.Simulation.Load;

namespace ServerlessImages.Simulation.Tests;

/// <summary>What many instances do to one account's partition, in virtual time.</summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    private const int Instances = 20;
    private const int Burst = 20;
    private static readonly Plan Fast = new("fast", 0, RequestsPerMinute: 600_000, Burst: 10_000, OpenRequestsMax: 10_000, QueueWeight: 1);
    private static readonly Plan TenPerSecond = new("ten", 0, RequestsPerMinute: 600, Burst, OpenRequestsMax: 10_000, QueueWeight: 1);

    [Fact]
    public void At_ten_requests_a_second_on_twenty_instances_a_request_takes_at_most_three_transactions()
    {
        var run = LoadRun.Run(new LoadPlan(Instances, PerSecond: 10, TimeSpan.FromMinutes(5), Fast), seed: 1);

        Report(run);
        Assert.Null(run.Verdict.Violation);
        Assert.Empty(run.Refused);
        Assert.Equal(run.Admitted.Count, run.Settled);
        Assert.InRange((double)run.Server.Transactions / run.Settled, 1, 3);
    }

    [Fact]
    public void At_three_times_the_rate_limit_on_twenty_instances_the_limit_is_admitted()
    {
        var duration = TimeSpan.FromMinutes(2);
        var run = LoadRun.Run(new LoadPlan(Instances, PerSecond: 30, duration, TenPerSecond), seed: 1);

        Report(run);
        Assert.Null(run.Verdict.Violation);
        Assert.Equal(["rate_limit_exceeded"], run.Refused.Keys);
        var ideal = (10 * duration.TotalSeconds) + Burst;
        Assert.InRange(run.Admitted.Count, 0.98 * ideal, ideal);
        Assert.InRange(WorstWindow(run.Admitted, TimeSpan.FromSeconds(10)), 1, (10 * 10) + Burst);
    }

    private static int WorstWindow(List<TimeSpan> times, TimeSpan window) =>
        times.Select(from => times.Count(at => at >= from && at < from + window)).Max();

    private void Report(LoadRun run)
    {
        var holds = run.HoldTimes.Order().ToArray();
        output.WriteLine($"{run.Admitted.Count} admitted, {run.Settled} settled; per settled request {(double)run.Server.Transactions / run.Settled:N2} transactions, {(double)run.Server.Conflicts / run.Settled:N2} of them refused, {(double)run.Server.Reads / run.Settled:N2} reads");
        output.WriteLine($"a hold takes {holds[holds.Length / 2].TotalMilliseconds:N0} ms in the median, {holds[holds.Length * 99 / 100].TotalMilliseconds:N0} ms at the 99th percentile");
        foreach (var (code, count) in run.Refused) output.WriteLine($"{count} times {code}");
    }
}
