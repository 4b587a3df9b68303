using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.World;

/// <summary>The configuration of one history, drawn from its seed.</summary>
internal sealed record HistoryPlan
{
    /// <summary>Nothing fails: here the product has to keep every promise, not only the ones about money.</summary>
    public required bool IsCalm { get; init; }

    /// <summary>Nothing fails but the way back: what is written is written, and now and then nobody says so.</summary>
    public required bool LosesOnlyAnswers { get; init; }

    public required int Instances { get; init; }
    public required IReadOnlyList<AccountPlan> Accounts { get; init; }
    public required FaultRates Tables { get; init; }
    public required FaultRates Blobs { get; init; }
    public required UpstreamRates Upstream { get; init; }

    /// <summary>How long an instance waits between two sweeps, on average.</summary>
    public required TimeSpan SweepEvery { get; init; }

    /// <summary>Each clock is wrong by at most this.</summary>
    public required TimeSpan SkewMax { get; init; }

    /// <summary>At which of all writes to a store, counted from 1, the process that sent it dies, after the write and before its answer.</summary>
    public required IReadOnlyList<int> KillsAtWrite { get; init; }

    /// <summary>When some process or other dies.</summary>
    public required IReadOnlyList<TimeSpan> Kills { get; init; }

    /// <summary>When some process or other stands still, and for how long.</summary>
    public required IReadOnlyList<(TimeSpan At, TimeSpan Duration)> Pauses { get; init; }

    public required GenerationOptions Options { get; init; }

    /// <summary>Whether callers send jobs, too, and slow calls are jobs.</summary>
    public bool HasJobs { get; init; }

    public JobOptions Jobs => new() { Lifetime = HasJobs ? TimeSpan.FromMinutes(30) : TimeSpan.FromHours(24), CallsFrom = HasJobs ? TimeSpan.FromSeconds(60) : TimeSpan.FromHours(1) };

    /// <summary>After this a plain call is told that its image is still being drawn.</summary>
    public required TimeSpan PlainWait { get; init; }

    public override string ToString() =>
        $"{(HasJobs ? "with jobs, " : "")}{(IsCalm ? "calm, " : LosesOnlyAnswers ? "only answers are lost, " : "")}{Instances} instances, clocks ±{SkewMax.TotalSeconds:0} s, killed at writes [{string.Join(", ", KillsAtWrite)}] and at [{string.Join(", ", Kills.Select(at => $"{at.TotalSeconds:0} s"))}], "
        + $"paused at [{string.Join(", ", Pauses.Select(pause => $"{pause.At.TotalSeconds:0} s for {pause.Duration.TotalSeconds:0} s"))}],\n"
        + $"deadline {Options.Deadline.TotalSeconds:0} s, a repeat waits {Options.RepeatWait.TotalSeconds:0} s, a plain call {PlainWait.TotalSeconds:0} s,\n"
        + $"tables {Tables},\nblobs {Blobs},\nupstream {Upstream},\n"
        + string.Join(",\n", Accounts);

    public static HistoryPlan Draw(SeededRandom random)
    {
        var isCalm = random.Chance(0.15);
        var losesOnlyAnswers = !isCalm && random.Chance(0.1);
        var hasChaos = !isCalm && !losesOnlyAnswers && random.Chance(0.8);
        var isWild = !isCalm && !losesOnlyAnswers && random.Chance(0.15);
        var pauses = hasChaos && random.Chance(0.3);
        var rates = isCalm ? FaultRates.None : losesOnlyAnswers ? FaultRates.None with { AnswerLost = 0.1 } : null;
        return new HistoryPlan
        {
            IsCalm = isCalm,
            LosesOnlyAnswers = losesOnlyAnswers,
            Instances = random.Chance(0.2) ? random.Between(4, 8) : random.Between(1, 3),
            Accounts = Times(random.Chance(0.3) ? random.Between(2, 6) : 1, number => AccountPlan.Draw(random, number, isCalm, isWild)),
            Tables = rates ?? TablesOf(FaultRates.Draw(random), isWild, pauses),
            Blobs = rates ?? FaultRates.Draw(random),
            Upstream = UpstreamRates.Draw(random),
            SweepEvery = isWild ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(100),
            SkewMax = isWild ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(2),
            KillsAtWrite = hasChaos ? Times(random.Between(0, 3), _ => random.Between(1, 60)) : [],
            Kills = hasChaos ? Times(random.Between(0, 3), _ => random.UpTo(TimeSpan.FromMinutes(3))) : [],
            Pauses = pauses ? [(random.UpTo(TimeSpan.FromMinutes(3)), random.UpTo(TimeSpan.FromMinutes(12)))] : [],
            Options = new GenerationOptions
            {
                Deadline = isWild ? TimeSpan.FromMinutes(1) : random.Pick<TimeSpan>([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(8)]),
                RepeatWait = random.Between(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(40)),
            },
            PlainWait = random.Chance(0.2) ? random.Between(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)) : TimeSpan.FromMinutes(20),
        };
    }

    private static FaultRates TablesOf(FaultRates rates, bool isWild, bool pauses)
    {
        if (isWild) return rates.WithLateWrites();
        return pauses ? rates.WithoutResends() : rates;
    }

    private static T[] Times<T>(int count, Func<int, T> make) => [.. Enumerable.Range(0, count).Select(make)];
}

/// <param name="Funds">What it is granted at first, as a part of what its callers would spend; 3 and above is more than they can.</param>
/// <param name="Callers">How many act at the same time.</param>
/// <param name="TopUps">How many grants follow.</param>
internal sealed record AccountPlan(string Id, Plan Plan, double Funds, int Callers, int TopUps)
{
    /// <summary>How much it may owe.</summary>
    public Money Limit { get; init; }

    /// <summary>What each of its keys and of its end users may spend; null for no budgets.</summary>
    public BudgetLimits? Budget { get; init; }

    /// <summary>Whether its second key is revoked on the way.</summary>
    public bool Revokes { get; init; }

    /// <summary>What is paid of its invoices, each with an id of its own.</summary>
    public IReadOnlyList<Money> Invoices { get; init; } = [];

    /// <summary>Which of its payments are taken back.</summary>
    public IReadOnlyList<RefundPlan> Refunds { get; init; } = [];

    /// <summary>Grants that expire.</summary>
    public IReadOnlyList<PromotionPlan> Promotions { get; init; } = [];

    /// <summary>About what a caller spends.</summary>
    private static readonly Money PerCaller = new(400_000);

    public Money FirstGrant => Funds >= 3 ? Money.Dollars(100) : new Money(Math.Max(1, (long)(PerCaller.Micros * Callers * Funds)));

    /// <param name="isWild">Clocks are far apart: many holds expire while they are used, and money has to be short to tell what may be charged late.</param>
    public static AccountPlan Draw(SeededRandom random, int number, bool isCalm, bool isWild)
    {
        var isTight = !isCalm && random.Chance(0.25);
        var plan = isTight
            ? new Plan("tight", 2_500, RequestsPerMinute: random.Between(4, 60), Burst: random.Between(1, 5), OpenRequestsMax: random.Between(1, 4), QueueWeight: 1)
            : new Plan("ample", 1_500, RequestsPerMinute: 60_000, Burst: 10_000, OpenRequestsMax: 1_000, QueueWeight: 1);
        var account = new AccountPlan($"acct_{number}", plan, isCalm || random.Chance(0.4) ? 3 : random.Fraction() * (isWild ? 0.6 : 1), random.Between(isWild ? 4 : 1, 6), random.Chance(0.4) ? random.Between(1, 2) : 0)
        {
            Limit = random.Chance(0.25) ? new Money(random.Between(1_000, 800_000)) : Money.Zero,
            Budget = !isCalm && random.Chance(isWild ? 0.8 : 0.25) ? BudgetOf(random, isWild) : null,
            Revokes = !isCalm && random.Chance(0.2),
        };
        if (account.Limit > Money.Zero) account = account with { Invoices = [.. Enumerable.Range(0, random.Between(0, 2)).Select(_ => new Money(random.Between(1, 200_000)))] };
        if (random.Chance(0.3)) account = account with { Promotions = [.. Enumerable.Range(0, random.Between(1, 3)).Select(promotion => PromotionPlan.Draw(random, promotion))] };
        return random.Chance(0.25) ? account with { Refunds = [.. Enumerable.Range(0, random.Between(1, 2)).Select(refund => RefundPlan.Draw(random, refund, account))] } : account;
    }

    /// <summary>Where clocks are far apart it is mostly tight: one request fills it, and another does before the first is charged late.</summary>
    private static BudgetLimits BudgetOf(SeededRandom random, bool isWild)
    {
        var tight = new Money(random.Between(8_000, 24_000));
        if (isWild && random.Chance(0.7)) return new(tight, tight, tight);
        var total = random.Chance(0.4) ? random.Between(12_000, 48_000) : random.Between(10_000, 400_000);
        return new(new(total), new(total * 2L / 3), new(total * 3L / 4));
    }
}

/// <summary>A grant that expires.</summary>
/// <param name="At">When it is granted first.</param>
/// <param name="Lifetime">From then on: at times shorter than one request.</param>
internal sealed record PromotionPlan(string Id, Money Amount, TimeSpan At, TimeSpan Lifetime)
{
    public static PromotionPlan Draw(SeededRandom random, int number) =>
        new($"promo_{number}", new(random.Between(1, 300_000)), random.UpTo(TimeSpan.FromMinutes(1)), random.Chance(0.1) ? TimeSpan.FromDays(1) : random.UpTo(TimeSpan.FromMinutes(5)));
}

/// <summary>A payment that is taken back, or a part of it.</summary>
/// <param name="IsReversed">Whether it comes back later: the refund fails, the dispute is won.</param>
internal sealed record RefundPlan(string Id, string GrantId, Money Amount, bool IsDispute, bool IsReversed)
{
    public static RefundPlan Draw(SeededRandom random, int number, AccountPlan account)
    {
        var all = account.FirstGrant;
        return new RefundPlan($"refund_{number}", "grant_0", random.Chance(0.5) ? all : new(random.Between(1, (int)all.Micros)), IsDispute: random.Chance(0.3), IsReversed: random.Chance(0.4));
    }
}

/// <summary>The probability of what an upstream does to one call.</summary>
internal sealed record UpstreamRates(double Fails, double Throws, double Stalls, double Slow, double Fewer, double Broken, double WrongSize, double NoUsage, double MoreUsage)
{
    public static UpstreamRates Draw(SeededRandom random) => new(
        random.Chance(0.5) ? 0.2 * random.Fraction() : 0,
        random.Chance(0.2) ? 0.1 : 0,
        random.Chance(0.3) ? 0.1 : 0,
        random.Chance(0.5) ? 0.2 : 0,
        random.Chance(0.3) ? 0.3 : 0,
        random.Chance(0.4) ? 0.2 : 0,
        random.Chance(0.2) ? 0.1 : 0,
        random.Chance(0.3) ? 0.3 : 0,
        random.Chance(0.5) ? 0.2 : 0);
}
