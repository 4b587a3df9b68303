using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>
/// The money of one partition: a projection of its entries and open holds, kept in the row <c>B</c>. Pure: no store, no clock.
/// </summary>
/// <param name="Granted">All that was ever granted.</param>
/// <param name="Held">The quotes of the open holds.</param>
/// <param name="Settled">All that was ever charged.</param>
/// <param name="Open">How many holds are open.</param>
/// <param name="Sequence">The number of the last entry; the first is 1.</param>
/// <param name="Head">SHA-256 over all entries in their order, in hex: see <see cref="EntryChain"/>.</param>
/// <param name="PaceMicroseconds">The state of the rate limit: see <see cref="RateLimit"/>.</param>
/// <param name="AdoptableUntil">Until then, in Unix milliseconds, an abandoned request may be waiting to be adopted; 0 if none ever was.</param>
public sealed record Balance(Money Granted, Money Held, Money Settled, int Open, long Sequence, string Head, long PaceMicroseconds, long AdoptableUntil)
{
    /// <summary>A partition in which nothing ever happened.</summary>
    public static Balance Empty { get; } = new(Money.Zero, Money.Zero, Money.Zero, 0, 0, EntryChain.Start, 0, 0);

    public Money Available => Granted - Held - Settled;

    /// <summary>Sets a quote aside, if the money, the open-request limit and the rate allow: all of them, or nothing changes.</summary>
    public Result<Held> Hold(Money quote, Accounts.Plan plan, DateTimeOffset now)
    {
        var rate = RateLimit.Of(plan);
        if (Refusal(quote, plan) is not { } refusal && rate.Take(PaceMicroseconds, now).TryGet(out var pace, out refusal))
        {
            return new Held(this with { Held = Held + quote, Open = Open + 1, PaceMicroseconds = pace.State }, pace);
        }

        return refusal with { Pace = rate.Look(PaceMicroseconds, now) };
    }

    /// <summary>Gives a hold back and takes the charge; a charge of zero is a void or an expiry.</summary>
    public Balance Close(Money quote, Money charge)
    {
        if (charge < Money.Zero || charge > quote) throw new ArgumentOutOfRangeException(nameof(charge), charge, "A charge is at most its quote.");
        return this with { Held = Held - quote, Open = Open - 1, Settled = Settled + charge };
    }

    public Balance Grant(Money amount) => this with { Granted = Granted + amount };

    private ApiError? Refusal(Money quote, Accounts.Plan plan)
    {
        if (Available < quote) return ApiError.InsufficientBalance(quote, Available);
        return Open >= plan.OpenRequestsMax ? ApiError.TooManyOpenRequests(plan.OpenRequestsMax) : null;
    }

    public Columns ToColumns() => new()
    {
        { nameof(Granted), Granted.Micros },
        { nameof(Held), Held.Micros },
        { nameof(Settled), Settled.Micros },
        { nameof(Open), Open },
        { nameof(Sequence), Sequence },
        { nameof(Head), Head },
        { nameof(PaceMicroseconds), PaceMicroseconds },
        { nameof(AdoptableUntil), AdoptableUntil },
    };

    public static Balance From(Columns columns) => new(
        new(columns.Integer(nameof(Granted))),
        new(columns.Integer(nameof(Held))),
        new(columns.Integer(nameof(Settled))),
        checked((int)columns.Integer(nameof(Open))),
        columns.Integer(nameof(Sequence)),
        columns.Text(nameof(Head)),
        columns.Integer(nameof(PaceMicroseconds)),
        columns.Integer(nameof(AdoptableUntil)));
}

/// <summary>A balance after a hold, and what the rate limit said.</summary>
public sealed record Held(Balance Balance, Pace Pace);
