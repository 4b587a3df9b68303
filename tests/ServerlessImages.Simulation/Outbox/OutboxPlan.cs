using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.Outbox;

/// <summary>The configuration of one history of what is owed, drawn from its seed.</summary>
internal sealed record OutboxPlan
{
    public required int Instances { get; init; }
    public required int Accounts { get; init; }

    /// <summary>How many charges each account has, at random times within <see cref="Busy"/>.</summary>
    public required int Charges { get; init; }

    public required TimeSpan Busy { get; init; }

    /// <summary>When faults stop.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>How long an instance waits between two runs, on average.</summary>
    public required TimeSpan SendEvery { get; init; }

    public required TimeSpan SkewMax { get; init; }
    public required FaultRates Tables { get; init; }
    public required CollectorRates Collector { get; init; }

    /// <summary>At which of all writes to the store or calls to the collector the process that made it dies, before it has the answer.</summary>
    public required IReadOnlyList<int> Kills { get; init; }

    public bool IsWild => SkewMax > TimeSpan.FromMinutes(1);

    public override string ToString() =>
        $"{Instances} instances, {Accounts} accounts with {Charges} charges in {Busy.TotalHours:0} h, faults for {Length.TotalHours:0} h, sent every {SendEvery.TotalMinutes:0} min, clocks ±{SkewMax.TotalSeconds:0} s, "
        + $"killed at [{string.Join(", ", Kills)}],\ntables {Tables},\ncollector {Collector}";

    public static OutboxPlan Draw(SeededRandom random)
    {
        // Some are so long that hours become too old to be reported.
        var isLong = random.Chance(0.25);
        return new OutboxPlan
        {
            Instances = random.Between(1, 3),
            Accounts = random.Between(1, 3),
            Charges = random.Between(2, 16),
            Busy = TimeSpan.FromHours(random.Between(2, 30)),
            Length = isLong ? TimeSpan.FromDays(random.Between(33, 37)) : TimeSpan.FromHours(random.Between(30, 72)),
            SendEvery = isLong ? TimeSpan.FromHours(6) : TimeSpan.FromMinutes(random.Between(20, 90)),
            SkewMax = random.Chance(0.2) ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(2),
            Tables = FaultRates.Draw(random) with { Outage = null },
            Collector = CollectorRates.Draw(random, isLong),
            Kills = random.Chance(0.6) ? [.. Enumerable.Range(0, random.Between(1, 4)).Select(_ => random.Between(1, 150))] : [],
        };
    }
}

/// <summary>What the collector does to one call.</summary>
/// <param name="Lag">How long its totals follow its reports at most.</param>
/// <param name="Outage">When it does not answer, or null.</param>
/// <param name="TakenInOutage">The part of what is sent then that it takes all the same.</param>
/// <param name="RefusesUntil">It does not know the first account before then.</param>
internal sealed record CollectorRates(double Dropped, double AnswerLost, double AppliedLate, TimeSpan Lag, Outage? Outage, double TakenInOutage, TimeSpan RefusesUntil)
{
    public static CollectorRates Draw(SeededRandom random, bool isLong)
    {
        var from = TimeSpan.FromHours(random.Between(1, 20));
        var outage = isLong ? new Outage(from, from + TimeSpan.FromDays(random.Between(30, 35))) : random.Chance(0.7) ? new Outage(from, from + TimeSpan.FromHours(random.Chance(0.6) ? random.Between(19, 24) : random.Between(8, 40))) : null;
        return new CollectorRates(
            0.2 * random.Fraction(),
            0.3 * random.Fraction(),
            0.1 * random.Fraction(),
            TimeSpan.FromHours(random.Pick([0.1, 2, 5])),
            outage,
            random.Pick([0, 0.04, 0.2]),
            random.Chance(0.2) ? TimeSpan.FromHours(random.Between(2, 30)) : TimeSpan.Zero);
    }
}
