using ServerlessImages.Deployments;
using ServerlessImages.Simulation.Load;

namespace ServerlessImages.Simulation.Tests;

/// <summary>What deployments that several instances share let through, and to whom, in virtual time.</summary>
public sealed class PoolTests(ITestOutputHelper output)
{
    private static readonly Deployment[] TwoOfSix = [new("sweden", "gpt-image-2", 0, 6), new("poland", "gpt-image-2", 0, 6)];
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Two_deployments_at_6_a_minute_serve_12_a_minute(int instances)
    {
        var run = PoolRun.Run(new(instances, TwoOfSix, [new(new("busy", 1), PerMinute: 30)], Hour), seed: 1);

        Report(run);
        Assert.InRange(run.Calls.Count(each => each.IsDrawn) / Hour.TotalMinutes, 12 * 0.97, 12 * 1.02);
        Assert.All(run.Calls.Where(each => !each.IsDrawn), each => Assert.InRange(each.RetryAfter!.Value.TotalSeconds, 1, 600));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Below_their_quota_nobody_is_sent_away(int instances)
    {
        var run = PoolRun.Run(new(instances, TwoOfSix, [new(new("calm", 1), PerMinute: 7)], Hour), seed: 2);

        Report(run);
        Assert.DoesNotContain(run.Calls, each => !each.IsDrawn);
    }

    /// <summary>Clocks are right here; what is let in too early is what was longer under way than the call a minute before.</summary>
    [Fact]
    public void The_quota_is_met_and_hardly_ever_by_a_refusal_upstream()
    {
        var run = PoolRun.Run(new(3, TwoOfSix, [new(new("busy", 1), PerMinute: 30)], Hour), seed: 3);

        Assert.InRange(run.Upstream.Throttled, 0, run.Upstream.Began.Count / 4);
        Assert.InRange(WorstMinute(run.Upstream.Began), 1, 12);
    }

    /// <summary>Of three deployments one is blocked, or fails whatever it is asked, from the first quarter of an hour on: the other two give all that they have, and hardly a call is made in vain.</summary>
    [Theory]
    [InlineData(1, AttemptEnd.Blocked)]
    [InlineData(3, AttemptEnd.Blocked)]
    [InlineData(1, AttemptEnd.Failed)]
    [InlineData(3, AttemptEnd.Failed)]
    public void What_is_ill_takes_nothing_from_the_healthy(int instances, AttemptEnd end)
    {
        Deployment[] three = [.. TwoOfSix, new("spain", "gpt-image-2", 0, 6)];
        var from = TimeSpan.FromMinutes(15);
        var run = PoolRun.Run(new(instances, three, [new(new("busy", 1), PerMinute: 40)], Hour) { Ills = new Dictionary<string, (TimeSpan, AttemptEnd)> { ["spain"] = (from, end) } }, seed: 6);

        Report(run);
        output.WriteLine($"{run.Upstream.InVain} calls in vain");
        var healthy = (18 * from.TotalMinutes) + (12 * (Hour - from).TotalMinutes);
        Assert.InRange(run.Calls.Count(each => each.IsDrawn) / healthy, 0.9, 1.02);
        Assert.InRange(run.Upstream.InVain, 1, 45);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_burst_of_one_account_keeps_no_other_from_its_share(int instances)
    {
        PoolAccount[] accounts = [new(new("burst", 1), PerMinute: 60), new(new("calm", 1), PerMinute: 1.5), new(new("trusted", 4), PerMinute: 4)];
        var run = PoolRun.Run(new(instances, TwoOfSix, accounts, Hour), seed: 4);

        Report(run);
        var served = run.Calls.Where(each => each.IsDrawn).CountBy(each => each.Account).ToDictionary();
        Assert.All(accounts[1..], account => Assert.InRange((double)served[account.Share.Account] / run.Calls.Count(each => each.Account == account.Share.Account), 0.85, 1));
        Assert.InRange(served.Values.Sum() / Hour.TotalMinutes, 12 * 0.95, 12 * 1.02);
    }

    [Fact]
    public void Weights_divide_what_all_want()
    {
        PoolAccount[] accounts = [new(new("one", 1), PerMinute: 40), new(new("four", 4), PerMinute: 40)];
        var run = PoolRun.Run(new(1, TwoOfSix, accounts, Hour), seed: 5);

        Report(run);
        var served = run.Calls.Where(each => each.IsDrawn).CountBy(each => each.Account).ToDictionary();
        Assert.InRange((double)served["four"] / served["one"], 4 * 0.9, 4 * 1.1);
    }

    private static int WorstMinute(List<TimeSpan> times) => times.Max(from => times.Count(at => at >= from && at < from + TimeSpan.FromMinutes(1)));

    private void Report(PoolRun run)
    {
        Assert.Null(run.Verdict.Violation);
        foreach (var account in run.Calls.GroupBy(each => each.Account))
        {
            var drawn = account.Where(each => each.IsDrawn).Select(each => each.Waited.TotalSeconds).Order().ToArray();
            output.WriteLine($"{account.Key}: {account.Count()} calls, {drawn.Length} drawn, {account.Count() - drawn.Length} sent away, {account.Count(each => !each.IsDrawn && each.Waited > TimeSpan.Zero)} of them after waiting in vain; waited {drawn[drawn.Length / 2]:N1} s in the median, {drawn[drawn.Length * 99 / 100]:N1} s at the 99th percentile");
        }

        output.WriteLine($"{run.Upstream.Throttled} refusals upstream");
    }
}
