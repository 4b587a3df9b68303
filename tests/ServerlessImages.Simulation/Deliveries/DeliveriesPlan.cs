using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.Deliveries;

/// <summary>The configuration of one history of events that are delivered, drawn from its seed.</summary>
internal sealed record DeliveriesPlan
{
    public required int Instances { get; init; }
    public required int Accounts { get; init; }

    /// <summary>How many endpoints each account adds, at random times.</summary>
    public required int Endpoints { get; init; }

    /// <summary>How many requests and acts each account has, at random times within <see cref="Busy"/>.</summary>
    public required int Facts { get; init; }

    /// <summary>When something happens, and faults are.</summary>
    public required TimeSpan Busy { get; init; }

    /// <summary>How long an instance waits between two sweeps, on average.</summary>
    public required TimeSpan SweepEvery { get; init; }

    public required TimeSpan SkewMax { get; init; }
    public required FaultRates Tables { get; init; }

    /// <summary>Of hints that are lost.</summary>
    public required double HintsLost { get; init; }

    /// <summary>Whether endpoints are disabled and enabled again.</summary>
    public required bool Switches { get; init; }

    /// <summary>At which of all writes to the store or calls to an endpoint the process that made it dies, before it has the answer.</summary>
    public required IReadOnlyList<int> Kills { get; init; }

    public override string ToString() =>
        $"{Instances} instances, {Accounts} accounts with {Endpoints} endpoints and {Facts} facts in {Busy.TotalMinutes:0} min, swept every {SweepEvery.TotalMinutes:0} min, clocks ±{SkewMax.TotalSeconds:0} s, "
        + $"{HintsLost:P0} of hints lost, {(Switches ? "switched, " : "")}killed at [{string.Join(", ", Kills)}],\ntables {Tables}";

    public static DeliveriesPlan Draw(SeededRandom random) => new()
    {
        Instances = random.Between(1, 3),
        Accounts = random.Between(1, 2),
        Endpoints = random.Between(1, 3),
        Facts = random.Between(2, 14),
        Busy = TimeSpan.FromMinutes(random.Chance(0.5) ? random.Between(2, 20) : random.Between(60, 600)),
        SweepEvery = TimeSpan.FromMinutes(random.Between(5, 30)),
        SkewMax = random.Chance(0.2) ? TimeSpan.FromMinutes(5) : TimeSpan.FromSeconds(2),
        Tables = FaultRates.Draw(random) with { Outage = null },
        HintsLost = random.Pick([0, 0.2, 0.6]),
        Switches = random.Chance(0.3),
        Kills = random.Chance(0.7) ? [.. Enumerable.Range(0, random.Between(1, 5)).Select(_ => random.Between(1, 120))] : [],
    };
}

/// <summary>How one endpoint answers, until faults stop.</summary>
/// <param name="Gone">Whether it answers 410 at last.</param>
internal sealed record EndpointRates(double Dropped, double AnswerLost, double Status500, double Status301, double Status429, bool Gone, Outage? Outage)
{
    public static EndpointRates Draw(SeededRandom random, TimeSpan busy)
    {
        var level = random.Fraction() * 0.5;
        var from = random.UpTo(busy);
        return new EndpointRates(level * random.Fraction(), level * random.Fraction(), level * random.Fraction(), level * 0.3 * random.Fraction(), level * 0.3 * random.Fraction(), random.Chance(0.1), random.Chance(0.3) ? new Outage(from, from + random.UpTo(busy)) : null);
    }
}
