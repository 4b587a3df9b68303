using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.TopUps;

/// <summary>The configuration of one history of payments, drawn from its seed.</summary>
internal sealed record TopUpsPlan
{
    public required int Instances { get; init; }
    public required IReadOnlyList<PayerPlan> Accounts { get; init; }

    /// <summary>When faults stop.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>When a month of the calendar ends.</summary>
    public required TimeSpan MonthEnd { get; init; }

    /// <summary>How long an instance waits between two sweeps, on average.</summary>
    public required TimeSpan SweepEvery { get; init; }

    public required TimeSpan SkewMax { get; init; }
    public required FaultRates Tables { get; init; }
    public required StripeRates Stripe { get; init; }

    /// <summary>At which of all writes to the store or calls to Stripe the process that made it dies, before it has the answer.</summary>
    public required IReadOnlyList<int> Kills { get; init; }

    /// <summary>At which of these it stands still instead, and for how long.</summary>
    public required IReadOnlyDictionary<int, TimeSpan> Pauses { get; init; }

    /// <summary>How often a process stands still when it has written the intent to charge a card, or asks what became of it.</summary>
    public required double PausesAtIntents { get; init; }

    public override string ToString() =>
        $"{Instances} instances, faults for {Length.TotalHours:0} h, the month ends after {MonthEnd.TotalHours:0.0} h, swept every {SweepEvery.TotalMinutes:0} min, clocks ±{SkewMax.TotalSeconds:0} s, "
        + $"killed at [{string.Join(", ", Kills)}], standing still at [{string.Join(", ", Pauses.Select(each => $"{each.Key} for {each.Value.TotalMinutes:0} min"))}] and in {PausesAtIntents:0.0} of intents,\n"
        + $"tables {Tables},\nStripe {Stripe},\n{string.Join(",\n", Accounts)}";

    public static TopUpsPlan Draw(SeededRandom random)
    {
        var isLong = random.Chance(0.3);
        var length = isLong ? TimeSpan.FromDays(random.Between(15, 35)) : TimeSpan.FromHours(random.Between(10, 50));
        var monthEnd = length * (0.1 + (0.8 * random.Fraction()));
        var standsStill = random.Chance(0.4);
        return new TopUpsPlan
        {
            Instances = random.Between(1, 3),
            Accounts = [.. Enumerable.Range(0, random.Chance(0.3) ? 2 : 1).Select(_ => PayerPlan.Draw(random, length, monthEnd))],
            Length = length,
            MonthEnd = monthEnd,
            SweepEvery = isLong ? TimeSpan.FromHours(random.Between(5, 9)) : TimeSpan.FromMinutes(random.Between(15, 60)),
            SkewMax = random.Chance(0.4) ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(2),
            Tables = TablesOf(FaultRates.Draw(random) with { Outage = null }, isStormy: random.Chance(0.1)),
            Stripe = StripeRates.Draw(random),
            Kills = random.Chance(0.6) ? [.. Enumerable.Range(0, random.Between(1, 5)).Select(_ => random.Between(1, 300))] : [],
            Pauses = standsStill ? Enumerable.Range(0, random.Between(1, 4)).Select(_ => (At: random.Between(1, 300), For: random.UpTo(TimeSpan.FromHours(3)))).DistinctBy(each => each.At).ToDictionary(each => each.At, each => each.For) : [],
            PausesAtIntents = standsStill && random.Chance(0.5) ? 0.2 : 0,
        };
    }

    /// <summary>Where much is lost for days, what is looked through each day is not seen on two of them either.</summary>
    private static FaultRates TablesOf(FaultRates rates, bool isStormy) => isStormy ? rates with { Dropped = 0.3 } : rates;
}

/// <summary>What an account does, and what is done to what it paid.</summary>
/// <param name="Cap">Of a month's automatic charges.</param>
/// <param name="Turns">When its owner turns automatic top-ups on, and off, and on again.</param>
/// <param name="Spends">When it spends what it has, or a part of it.</param>
/// <param name="CustomerDeletedAt">When its customer is deleted in Stripe, or null.</param>
internal sealed record PayerPlan(Money Amount, Money Cap, IReadOnlyList<TimeSpan> Turns, IReadOnlyList<PurchasePlan> Purchases, IReadOnlyList<TimeSpan> Spends, TimeSpan? CustomerDeletedAt)
{
    public override string ToString() =>
        $"account: ${Amount} up to ${Cap}, turned at [{string.Join(", ", Turns.Select(Hours))}], spends at [{string.Join(", ", Spends.Select(Hours))}], buys {string.Join(", ", Purchases)}{(CustomerDeletedAt is { } at ? $", deleted at {Hours(at)}" : "")}";

    public static PayerPlan Draw(SeededRandom random, TimeSpan length, TimeSpan monthEnd)
    {
        var amount = Money.Dollars(random.Between(5, 20));
        var isAtMonthEnd = random.Chance(0.3);
        var (first, last) = (monthEnd + TimeSpan.FromMinutes(random.Pick([-40, 0])), monthEnd + TimeSpan.FromMinutes(40));
        return new(
            amount,
            new(amount.Micros * random.Between(1, 4)),
            [.. Enumerable.Range(0, random.Pick([1, 1, 1, 2, 3])).Select(number => number == 0 ? random.UpTo(length * 0.1) : random.UpTo(length)).Order()],
            [.. Enumerable.Range(0, random.Between(1, 5)).Select(number => PurchasePlan.Draw(random, number == 0 ? length * 0.1 : length))],
            [.. Enumerable.Range(0, random.Between(4, isAtMonthEnd ? 25 : 14)).Select(_ => random.Chance(isAtMonthEnd ? 0.9 : 0.3) ? random.Between(first, last) : random.UpTo(length))],
            random.Chance(0.08) ? random.UpTo(length) : null);
    }

    private static string Hours(TimeSpan time) => $"{time.TotalHours:0.00} h";
}

/// <param name="IsOdd">What is paid is not what was ordered.</param>
internal sealed record PurchasePlan(TimeSpan At, int Dollars, SimulatedCard Card, bool IsOdd)
{
    public override string ToString() => $"${Dollars} at {At.TotalHours:0.00} h with {Card}{(IsOdd ? ", wrongly" : "")}";

    public static PurchasePlan Draw(SeededRandom random, TimeSpan until) =>
        new(random.UpTo(until), random.Between(5, 40), random.Pick([SimulatedCard.Good, SimulatedCard.Good, SimulatedCard.Good, SimulatedCard.DeclinedWhenAway, SimulatedCard.Slow]), random.Chance(0.08));
}

internal enum SimulatedCard
{
    Good,

    /// <summary>Pays on the page, and is declined when its owner is away.</summary>
    DeclinedWhenAway,

    /// <summary>A bank debit: its money comes in days, or does not.</summary>
    Slow,
}

/// <summary>What Stripe does to one call, to one announcement and to one payment.</summary>
/// <param name="StoredFailure">It answers 500, and again for a day under the same key, whether or not it did what was asked.</param>
/// <param name="Lost">An announcement that never comes: the sweep has to find what happened.</param>
/// <param name="Late">One that comes hours later.</param>
/// <param name="Returned">A payment of which something is paid back, or is taken back by its bank.</param>
internal sealed record StripeRates(double Dropped, double AnswerLost, double AppliedLate, double StoredFailure, double Lost, double Late, double Returned)
{
    public static StripeRates Draw(SeededRandom random) => new(
        0.1 * random.Fraction(),
        0.15 * random.Fraction(),
        0.05 * random.Fraction(),
        0.1 * random.Fraction(),
        random.Pick([0, 0.1, 0.5, 1]),
        random.Pick([0, 0.2]),
        random.Pick([0.2, 0.6]));
}
