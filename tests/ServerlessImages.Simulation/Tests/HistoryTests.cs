using System.Security.Cryptography;
using ServerlessImages.Simulation.Running;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Tests;

/// <summary>Core as it is: whatever happens, the money adds up.</summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int FixedHistories = 10_000;
    private const int FreshHistories = 500;
    private const int Replays = 100;

    [Fact]
    public void No_invariant_is_violated_in_ten_thousand_histories() => AssertNoViolation(firstSeed: 1, FixedHistories);

    [Fact]
    public void No_invariant_is_violated_in_histories_that_nobody_has_seen_before()
    {
        var firstSeed = (ulong)RandomNumberGenerator.GetInt32(FixedHistories, int.MaxValue);
        output.WriteLine($"the seeds {firstSeed} to {firstSeed + FreshHistories - 1}");
        AssertNoViolation(firstSeed, FreshHistories);
    }

    [Fact]
    public void The_same_seed_is_the_same_history()
    {
        for (var seed = 1UL; seed <= Replays; seed++)
        {
            var (first, again) = (AnyHistory.Run(seed), AnyHistory.Run(seed, new Trace(1)));
            Assert.Equal((first.Events, first.Hash), (again.Events, again.Hash));
        }
    }

    [Fact]
    public void The_histories_are_rich_in_what_may_go_wrong()
    {
        var run = new SimulationRun(firstSeed: 1, histories: 500);
        run.Run();

        string[] told = ["hold_expired", "idempotency_in_progress", "idempotency_key_reused", "insufficient_balance", "ledger_unavailable", "no_usable_image", "rate_limit_exceeded", "still_generating", "too_many_open_requests", "upstream_timed_out"];
        Assert.All(told, code => Assert.True(run.Counts.Errors.ContainsKey(code), code));
        Assert.All([run.Counts.Kills, run.Counts.Replayed, run.Counts.Charges, run.Counts.Voids, run.Counts.Expiries, run.Counts.GrantsExpired, run.Counts.Events, run.Counts.HoursReported, run.Counts.HoursRepeated, run.Counts.HoursAsked], count => Assert.InRange(count, 100, long.MaxValue));
        Assert.InRange(run.Counts.HoursInvoiced, 10, long.MaxValue);
    }

    private void AssertNoViolation(ulong firstSeed, int histories)
    {
        using var report = new StringWriter();
        var exitCode = SimulationCommand.Run(histories, firstSeed, trace: false, report);
        output.WriteLine(report.ToString());
        Assert.True(exitCode == 0, report.ToString());
    }
}
