using ServerlessImages.Events;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>Whose money a budget bounds.</summary>
public enum BudgetOwner
{
    /// <summary>One API key: the row <c>K|{key id}</c>.</summary>
    Key,

    /// <summary>One of the account's own customers: the row <c>N|{SHA-256 of its name}</c>.</summary>
    EndUser,
}

/// <summary>How much one key or one end user may spend, and how fast. What is null has no limit.</summary>
/// <param name="Total">Ever.</param>
/// <param name="Day">In a day, UTC.</param>
/// <param name="Month">In a calendar month, UTC.</param>
public sealed record BudgetLimits(Money? Total = null, Money? Day = null, Money? Month = null, int? RequestsPerMinute = null);

/// <summary>
/// A budget and what was spent of it, counted from the day on which it was set. Pure. A charge belongs to the day and month of its <em>hold</em>: what is
/// promised in a window is spent in it.
/// </summary>
/// <param name="PaceMicroseconds">The state of its own rate limit: see <see cref="RateLimit"/>.</param>
public sealed record Budget(BudgetOwner Owner, BudgetLimits Limits, BudgetWindow Total, BudgetWindow Day, BudgetWindow Month, long PaceMicroseconds)
{
    /// <summary>A sixth of a minute's requests may start at once: as with the plans.</summary>
    private const int BurstShare = 6;

    private const long NoLimit = -1;

    public static Budget Of(BudgetOwner owner, BudgetLimits limits) => new(owner, limits, BudgetWindow.Empty, BudgetWindow.Empty, BudgetWindow.Empty, 0);

    /// <summary>The windows as they stand in an hour: those that are over begin anew.</summary>
    public Budget At(LedgerHour hour) => this with { Day = Day.At(hour.Day), Month = Month.At(hour.Month) };

    /// <summary>Sets a quote aside in every window, if all of them and the rate allow.</summary>
    public Result<Budget> Hold(Money quote, LedgerHour hour, DateTimeOffset now)
    {
        var at = At(hour);
        if (at.Excess(quote, hour) is { } excess) return excess;
        if (Rate is not { } rate) return at.Added(quote);
        return rate.Take(PaceMicroseconds, now, Owner).TryGet(out var pace, out var error) ? at.Added(quote) with { PaceMicroseconds = pace.State } : error;
    }

    /// <summary>Where its own rate stands; null where it has none.</summary>
    public Pace? Look(DateTimeOffset now) => Rate?.Look(PaceMicroseconds, now);

    /// <summary>Gives a hold back and takes the charge, in the windows of the hold as far as they still last.</summary>
    public Budget Close(Money quote, Money charge, LedgerHour heldAt) => this with
    {
        Total = Total.Close(quote, charge),
        Day = Day.Id == heldAt.Day ? Day.Close(quote, charge) : Day,
        Month = Month.Id == heldAt.Month ? Month.Close(quote, charge) : Month,
    };

    /// <summary>Which shares the charge of a hold has crossed, in the windows that it was counted in. Told once: the budget remembers.</summary>
    public (Budget After, IReadOnlyList<SpendAlert> Alerts) Announce(Money quote, LedgerHour heldAt)
    {
        var alerts = new List<SpendAlert>();
        var after = this with
        {
            Total = Announced(Total, Limits.Total, "total", null),
            Day = Day.Id == heldAt.Day ? Announced(Day, Limits.Day, "day", heldAt.NextDay) : Day,
            Month = Month.Id == heldAt.Month ? Announced(Month, Limits.Month, "month", heldAt.NextMonth) : Month,
        };
        return (after, alerts);

        BudgetWindow Announced(BudgetWindow window, Money? of, string name, DateTimeOffset? resetsAt)
        {
            if (of is not { } limit) return window;
            var reached = SpendMarks.Reached(window.Settled, limit, limit - window.Settled, quote);
            if (window.Announced.Crossed(reached) is { } percent) alerts.Add(new(Owner == BudgetOwner.Key ? SpendSubject.KeyBudget : SpendSubject.EndUserBudget, name, percent, window.Settled, limit, resetsAt));
            return window with { Announced = window.Announced.With(reached) };
        }
    }

    /// <summary>With other limits. Where one has changed, what is not reached of it is told when it is.</summary>
    public Budget WithLimits(BudgetLimits limits) => this with
    {
        Limits = limits,
        Total = Total.Rearmed(Limits.Total, limits.Total),
        Day = Day.Rearmed(Limits.Day, limits.Day),
        Month = Month.Rearmed(Limits.Month, limits.Month),
    };

    /// <summary>Takes a charge that is no longer held.</summary>
    /// <returns>Null if it would go over a limit.</returns>
    public Budget? Late(Money charge, LedgerHour heldAt)
    {
        var charged = Close(Money.Zero, charge, heldAt);
        return charged.IsWithinLimits ? charged : null;
    }

    public Columns ToColumns() => new()
    {
        { "TotalLimit", Limits.Total?.Micros ?? NoLimit },
        { "DayLimit", Limits.Day?.Micros ?? NoLimit },
        { "MonthLimit", Limits.Month?.Micros ?? NoLimit },
        { nameof(Limits.RequestsPerMinute), Limits.RequestsPerMinute ?? NoLimit },
        { "TotalHeld", Total.Held.Micros },
        { "TotalSettled", Total.Settled.Micros },
        { "TotalAnnounced", Total.Announced.Bits },
        { nameof(Day), Day.Id },
        { "DayHeld", Day.Held.Micros },
        { "DaySettled", Day.Settled.Micros },
        { "DayAnnounced", Day.Announced.Bits },
        { nameof(Month), Month.Id },
        { "MonthHeld", Month.Held.Micros },
        { "MonthSettled", Month.Settled.Micros },
        { "MonthAnnounced", Month.Announced.Bits },
        { nameof(PaceMicroseconds), PaceMicroseconds },
    };

    public static Budget From(Row row)
    {
        var columns = row.Columns;
        return new Budget(
            LedgerRows.OwnerOf(row.Key),
            new(Limit("TotalLimit"), Limit("DayLimit"), Limit("MonthLimit"), Limit(nameof(Limits.RequestsPerMinute)) is { } perMinute ? (int)perMinute.Micros : null),
            Window(0, "Total"),
            Window(columns.Integer(nameof(Day)), nameof(Day)),
            Window(columns.Integer(nameof(Month)), nameof(Month)),
            columns.Integer(nameof(PaceMicroseconds)));

        Money? Limit(string name) => columns.Integer(name) is var value and not NoLimit ? new Money(value) : null;
        BudgetWindow Window(long id, string name) => new(id, new(columns.Integer(name + "Held")), new(columns.Integer(name + "Settled")), new((int)columns.Integer(name + "Announced")));
    }

    private RateLimit? Rate => Limits.RequestsPerMinute is { } perMinute ? new RateLimit(perMinute, Math.Max(1, perMinute / BurstShare)) : null;

    private bool IsWithinLimits => !Total.Exceeds(Limits.Total) && !Day.Exceeds(Limits.Day) && !Month.Exceeds(Limits.Month);

    private Budget Added(Money quote) => this with { Total = Total.Hold(quote), Day = Day.Hold(quote), Month = Month.Hold(quote) };

    private ApiError? Excess(Money quote, LedgerHour hour)
    {
        if (Total.Hold(quote).Exceeds(Limits.Total)) return Exceeded("total", Limits.Total!.Value, Total, null);
        if (Day.Hold(quote).Exceeds(Limits.Day)) return Exceeded("day", Limits.Day!.Value, Day, hour.NextDay);
        return Month.Hold(quote).Exceeds(Limits.Month) ? Exceeded("month", Limits.Month!.Value, Month, hour.NextMonth) : null;

        ApiError Exceeded(string name, Money limit, BudgetWindow window, DateTimeOffset? resetsAt) => Owner == BudgetOwner.Key
            ? ApiError.KeyBudgetExceeded(name, quote, limit, Left(limit, window), resetsAt)
            : ApiError.EndUserBudgetExceeded(name, quote, limit, Left(limit, window), resetsAt);

        // A limit can be lowered below what was spent.
        static Money Left(Money limit, BudgetWindow window) => Money.Max(limit - window.Used, Money.Zero);
    }
}

/// <summary>What was spent of a budget in one day or month, or ever.</summary>
/// <param name="Id">Which day or month; 0 for the total.</param>
/// <param name="Announced">Which shares of its limit were told to be spent.</param>
public readonly record struct BudgetWindow(long Id, Money Held, Money Settled, SpendMarks Announced = default)
{
    public static BudgetWindow Empty { get; } = new(0, Money.Zero, Money.Zero);

    public Money Used => Held + Settled;

    /// <summary>Never back: an instance whose clock is behind spends in the later window.</summary>
    public BudgetWindow At(long id) => id > Id ? new(id, Money.Zero, Money.Zero) : this;

    public BudgetWindow Hold(Money quote) => this with { Held = Held + quote };

    public BudgetWindow Close(Money quote, Money charge) => this with { Held = Held - quote, Settled = Settled + charge };

    public bool Exceeds(Money? limit) => Used > limit;

    public BudgetWindow Rearmed(Money? before, Money? after) => before == after ? this : this with { Announced = after is { } limit ? Announced.Rearmed(SpendMarks.Reached(Settled, limit)) : SpendMarks.None };
}
