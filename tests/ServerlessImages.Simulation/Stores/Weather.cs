using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Stores;

/// <summary>How well the network and the stores do: what becomes of each operation, and how long it takes.</summary>
internal sealed class Weather(FaultRates rates, IWorld world, SeededRandom random)
{
    /// <summary>The longest that a write can come after its sender gave up. Azure Tables works on a request for at most 30 s.</summary>
    public static readonly TimeSpan LateMax = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LateMean = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LatencyMean = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan ResendAfter = TimeSpan.FromMilliseconds(800);

    public TimeSpan Timeout => rates.Timeout;

    public TimeSpan Late => TimeSpan.FromTicks(Math.Min(random.Exponential(LateMean).Ticks, LateMax.Ticks));

    public TimeSpan Resend => ResendAfter + Latency;

    public TimeSpan Latency => !world.IsAtRest && random.Chance(rates.Slow) ? random.UpTo(rates.Timeout) : random.Exponential(LatencyMean);

    public bool ReadFails() => !world.IsAtRest && (IsOutage || random.Chance(rates.ReadFails));

    public WriteFate NextWrite()
    {
        if (world.IsAtRest) return WriteFate.Applied;

        // At the edges of an outage a write may have been applied without an answer; which one, nobody knows.
        if (IsOutage) return random.Chance(0.1) ? WriteFate.AnswerLost : WriteFate.Dropped;
        var left = random.Fraction();
        if ((left -= rates.Dropped) < 0) return WriteFate.Dropped;
        if ((left -= rates.AnswerLost) < 0) return WriteFate.AnswerLost;
        if ((left -= rates.AppliedLate) < 0) return WriteFate.AppliedLate;
        if ((left -= rates.Resent) < 0) return WriteFate.Resent;
        return (left - rates.Refused) < 0 ? WriteFate.Refused : WriteFate.Applied;
    }

    private bool IsOutage => rates.Outage is { } outage && world.Scheduler.Elapsed >= outage.From && world.Scheduler.Elapsed < outage.To;
}

internal enum WriteFate
{
    Applied,

    /// <summary>Never applied, and no answer.</summary>
    Dropped,

    /// <summary>Applied, and no answer.</summary>
    AnswerLost,

    /// <summary>No answer; applied some time after the caller gave up, as a server does that was slow.</summary>
    AppliedLate,

    /// <summary>A client library sent it twice and tells of the second time only, which met what the first had written.</summary>
    Resent,

    /// <summary>Not applied, for a reason that no contract names: a login that was refused.</summary>
    Refused,
}

/// <summary>The probability of each fault for one operation.</summary>
/// <param name="Timeout">How long a caller waits for an answer that does not come.</param>
/// <param name="Outage">When nothing works at all, or null.</param>
internal sealed record FaultRates(double Dropped, double AnswerLost, double AppliedLate, double Resent, double Refused, double ReadFails, double Slow, TimeSpan Timeout, Outage? Outage)
{
    public static FaultRates None { get; } = new(0, 0, 0, 0, 0, 0, 0, TimeSpan.FromSeconds(2), Outage: null);

    /// <summary>With writes that come when their sender, and the clocks of others, have long gone on.</summary>
    public FaultRates WithLateWrites() => WithoutResends() with { AppliedLate = 0.15, Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>
    /// The port forbids a store to send a write again by itself. Where it does so all the same, no money is lost as long as a hold lives longer than the second
    /// sending takes; where clocks are wrong by more than that, or processes stand still, the ban is needed.
    /// </summary>
    public FaultRates WithoutResends() => this with { Resent = 0 };

    public static FaultRates Draw(SeededRandom random)
    {
        var level = random.Fraction() * 0.12;
        return new FaultRates(
            level * random.Fraction(),
            level * random.Fraction(),
            level * random.Fraction(),
            random.Chance(0.4) ? level * random.Fraction() : 0,
            random.Chance(0.1) ? level * 0.2 : 0,
            level * 0.1 * random.Fraction(),
            level * random.Fraction(),
            random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)),
            random.Chance(0.12) ? Simulation.Stores.Outage.Draw(random) : null);
    }
}

internal sealed record Outage(TimeSpan From, TimeSpan To)
{
    public static Outage Draw(SeededRandom random)
    {
        var from = random.UpTo(TimeSpan.FromMinutes(2));
        return new Outage(from, from + random.Between(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(100)));
    }
}
