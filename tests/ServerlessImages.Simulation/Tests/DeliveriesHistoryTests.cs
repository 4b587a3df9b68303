using System.Security.Cryptography;
using ServerlessImages.Simulation.Deliveries;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Tests;

/// <summary>Core as it is: whatever happens, every event comes to every endpoint that wants it.</summary>
public sealed class DeliveriesHistoryTests(ITestOutputHelper output)
{
    private const int FixedHistories = 1_000;
    private const int FreshHistories = 200;
    private const int LinesMax = 400;

    [Fact]
    public void No_event_is_lost_in_a_thousand_histories()
    {
        var counts = Run(1, FixedHistories);

        output.WriteLine($"{counts.EventsTold:N0} events, {counts.Attempts:N0} attempts, {counts.Kills:N0} processes killed");
        Assert.All([counts.EventsTold, counts.Attempts, counts.Kills, counts.Charges], count => Assert.InRange(count, 1_000, long.MaxValue));
    }

    [Fact]
    public void No_event_is_lost_in_histories_that_nobody_has_seen_before()
    {
        var firstSeed = (ulong)RandomNumberGenerator.GetInt32(FixedHistories, int.MaxValue);
        output.WriteLine($"the seeds {firstSeed} to {firstSeed + FreshHistories - 1}");
        Run(firstSeed, FreshHistories);
    }

    [Fact]
    public void The_same_seed_is_the_same_history()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var (first, again) = (DeliveriesHistory.Run(seed), DeliveriesHistory.Run(seed, new Trace(1)));
            Assert.Equal((first.Events, first.Hash), (again.Events, again.Hash));
        }
    }

    /// <summary>The history once more, which is the same again: how it came to that.</summary>
    private static string Tell(ulong seed)
    {
        var trace = new Trace(LinesMax);
        var outcome = DeliveriesHistory.Run(seed, trace);
        return $"seed {seed}: {outcome.Violation}\nplan: {outcome.Plan}\n{string.Join('\n', trace.Lines)}";
    }

    private static HistoryCounts Run(ulong firstSeed, int histories)
    {
        var counts = new HistoryCounts();
        Parallel.For(0, histories, number =>
        {
            var outcome = DeliveriesHistory.Run(firstSeed + (ulong)number);
            Assert.True(outcome.Violation is null, outcome.Violation is null ? "" : Tell(outcome.Seed));
            lock (counts) counts.Add(outcome.Counts);
        });
        return counts;
    }
}
