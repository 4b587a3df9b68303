using ServerlessImages.Abuse;
using ServerlessImages.Events;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>
/// The money of one partition: a projection of its entries and open holds, kept in the row <c>B</c>. Pure: no store, no clock. It has two pots: credit that was
/// bought before (prepaid), and, for trusted accounts, a limit up to which usage is invoiced (postpaid). A hold takes one of them, whole.
/// </summary>
public sealed record Balance
{
    /// <summary>A partition in which nothing ever happened.</summary>
    public static Balance Empty { get; } = new();

    /// <summary>All that was ever granted.</summary>
    public Money Granted { get; init; }

    /// <summary>What went back of it: refunds and disputes, less those that were reversed.</summary>
    public Money Refunded { get; init; }

    /// <summary>What expired of it unspent.</summary>
    public Money Expired { get; init; }

    /// <summary>What is left of those grants that expire: at most what is neither spent nor held at all.</summary>
    public ExpiringCredit Expiring { get; init; } = ExpiringCredit.None;

    /// <summary>The quotes of the open prepaid holds.</summary>
    public Money Held { get; init; }

    /// <summary>All that was ever charged to the prepaid pot.</summary>
    public Money Settled { get; init; }

    /// <summary>How much may be owed at most; 0 where everything is paid before.</summary>
    public Money Limit { get; init; }

    /// <summary>The quotes of the open postpaid holds.</summary>
    public Money OwedHeld { get; init; }

    /// <summary>All that was ever charged to the postpaid pot.</summary>
    public Money Owed { get; init; }

    /// <summary>What was paid of it.</summary>
    public Money Paid { get; init; }

    /// <summary>How many requests are open, of both pots: those that are held, but for jobs that wait.</summary>
    public int Open { get; init; }

    /// <summary>Whether anything is held, also for jobs that wait.</summary>
    public bool HoldsAny => Open > 0 || Held > Money.Zero || OwedHeld > Money.Zero;

    /// <summary>The number of the last entry; the first is 1.</summary>
    public long Sequence { get; init; }

    /// <summary>SHA-256 over all entries in their order, in hex: see <see cref="EntryChain"/>.</summary>
    public string Head { get; init; } = EntryChain.Start;

    /// <summary>The state of the rate limit: see <see cref="RateLimit"/>.</summary>
    public long PaceMicroseconds { get; init; }

    /// <summary>Until then, in Unix milliseconds, an abandoned request may be waiting to be adopted; 0 if none ever was.</summary>
    public long AdoptableUntil { get; init; }

    /// <summary>Raised whenever a key is revoked: a hold whose key was read before that reads it again.</summary>
    public long KeyGeneration { get; init; }

    /// <summary>What was there after the last grant: neither spent nor taken back, held or not. How much of it is spent is told by <see cref="Announce"/>.</summary>
    public Money Funds { get; init; }

    /// <summary>What was charged to the prepaid pot before that grant.</summary>
    public Money FundsSettled { get; init; }

    /// <summary>Which shares of that were told to be spent since.</summary>
    public SpendMarks FundsAnnounced { get; init; }

    /// <summary>Which shares of the limit were told to be owed.</summary>
    public SpendMarks LimitAnnounced { get; init; }

    /// <summary>The number of the last event; the first is 1.</summary>
    public long Events { get; init; }

    /// <summary>Which types of events the account's endpoints want (<see cref="EventTypes.MaskOf"/>); 0 where there is none that is enabled.</summary>
    public long WantedEvents { get; init; }

    /// <summary>Which change of the endpoints that is: an older one that comes late changes nothing.</summary>
    public long EndpointsVersion { get; init; }

    /// <summary>How many keys and end users have a budget row; while it is 0, none is looked for.</summary>
    public int Budgets { get; init; }

    /// <summary>Why nothing may be spent just now; none if it may.</summary>
    public StopReasons Stops { get; init; }

    /// <summary>How the account stands with the content filter.</summary>
    public Conduct Conduct { get; init; } = Conduct.None;

    /// <summary>What was charged in the hour that lasts.</summary>
    public UsageHour Usage { get; init; } = new(default, Money.Zero, Money.Zero);

    public Money Available => Money.Max(Free - Expiring.Over, Money.Zero);

    /// <summary>What went back though it was spent or held: while there is any, nothing is spent, and what comes in pays it first.</summary>
    public Money Debt => Money.Max(Money.Zero - Free, Money.Zero);

    public Money AvailableCredit => Limit - OwedHeld - Unpaid;

    public Money Unpaid => Owed - Paid;

    /// <summary>As it is at a time: in its hour, and without what expired by then.</summary>
    public Balance At(DateTimeOffset now) => In(LedgerHour.Of(now)).WithoutExpired(now);

    /// <summary>The ledger's hour moves on, never back: a new one begins with nothing charged.</summary>
    public Balance In(LedgerHour hour) => hour > Usage.Hour ? this with { Usage = new(hour, Money.Zero, Money.Zero) } : this;

    /// <summary>What may be spent at a time, whether or not what expired by then has its entry.</summary>
    public Balance WithoutExpired(DateTimeOffset now) => this with { Expiring = Expiring.At(now) };

    /// <summary>What is left of a grant whose time has come is no longer there.</summary>
    public Balance Expire(ExpiringGrant grant) => this with { Expired = Expired + grant.Left, Expiring = Expiring.Remove(grant.GrantId) };

    /// <summary>Sets a quote aside, if the money, the open-request limit and the rate allow: all of them, or nothing changes.</summary>
    /// <param name="waits">Whether it is a job that waits for a worker: it takes its place among the open requests when it begins.</param>
    public Result<Held> Hold(Money quote, Accounts.Plan plan, DateTimeOffset now, bool waits = false)
    {
        if (Refusal(quote, plan, now, waits) is { } refusal) return refusal;
        if (!RateLimit.Of(plan).Take(PaceMicroseconds, now).TryGet(out var pace, out var error)) return error;

        var rail = Available >= quote ? Rail.Prepaid : Rail.Postpaid;
        var (expiring, shares) = Expiring.Hold(rail == Rail.Prepaid ? quote : Money.Zero);
        var held = rail == Rail.Prepaid ? this with { Held = Held + quote, Expiring = expiring } : this with { OwedHeld = OwedHeld + quote };
        return new Held(held with { Open = Open + (waits ? 0 : 1), PaceMicroseconds = pace.State }, rail, shares);
    }

    /// <summary>Counts a request's refused calls.</summary>
    /// <returns>And the step of the ladder that was reached with them, or null.</returns>
    public (Balance After, LadderStep? Step) Count(Refusals refusals, DateTimeOffset now)
    {
        var (conduct, step) = Conduct.Count(refusals, now);
        return (this with { Conduct = conduct, Stops = step is { Rung: Rung.UnderReview } ? Stops | StopReasons.ContentReview : Stops }, step);
    }

    /// <summary>Why nothing may be drawn for the account, whatever its money; null where that is not so.</summary>
    public ApiError? ConductRefusal(DateTimeOffset now)
    {
        if (Stops.HasFlag(StopReasons.ContentReview)) return ApiError.AccountUnderReview;
        return Conduct.CoolsUntil > now ? ApiError.ContentCoolDown(Conduct.CoolsUntil, now) : null;
    }

    /// <summary>Where the account stands on the ladder.</summary>
    public Rung RungAt(DateTimeOffset now) => this switch
    {
        _ when Stops.HasFlag(StopReasons.ContentReview) => Rung.UnderReview,
        _ when Conduct.CoolsUntil > now => Rung.CoolingDown,
        _ => Conduct.IsOnProbation(now) ? Rung.Warned : Rung.Good,
    };

    /// <summary>Gives a hold back and takes the charge; a charge of zero is a void or an expiry.</summary>
    /// <param name="shares">What the hold set aside of credit that expires.</param>
    /// <param name="waits">Whether it is a job that no worker has.</param>
    public Posted Close(Rail rail, Money quote, Money charge, IReadOnlyList<GrantShare> shares, bool waits = false)
    {
        if (charge < Money.Zero || charge > quote) throw new ArgumentOutOfRangeException(nameof(charge), charge, "A charge is at most its quote.");
        var released = rail == Rail.Prepaid ? this with { Held = Held - quote } : this with { OwedHeld = OwedHeld - quote };
        var (expiring, spent) = Expiring.Close(shares, charge);
        return (released with { Open = Open - (waits ? 0 : 1), Expiring = expiring }).Charge(rail, charge).Posted(spent);
    }

    /// <summary>Takes a charge that is no longer held.</summary>
    /// <returns>Null if the pot has not enough, or the account is closed: what it has is on its way back to the payer.</returns>
    public Posted? Late(Rail rail, Money charge)
    {
        if (Stops.HasFlag(StopReasons.AccountClosed)) return null;
        var (held, shares) = Expiring.Hold(rail == Rail.Prepaid ? charge : Money.Zero);
        var (spent, _) = held.Close(shares, charge);
        return charge <= (rail == Rail.Prepaid ? Available : AvailableCredit) ? (this with { Expiring = spent }).Charge(rail, charge).Posted(shares) : null;
    }

    /// <summary>Money comes in or goes back.</summary>
    /// <param name="expiring">The grant, if it expires.</param>
    public Posted Post(EntryType type, Money amount, ExpiringGrant? expiring = null)
    {
        var after = type switch
        {
            EntryType.Grant => (this with { Granted = Granted + amount, Expiring = expiring is null ? Expiring : Expiring.Add(expiring) }).BeginFunds(),
            EntryType.Refund or EntryType.Dispute => this with { Refunded = Refunded + amount },
            EntryType.Reversal => this with { Refunded = Refunded - amount },
            EntryType.Payment => (this with { Paid = Paid + amount }).RearmLimit(),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "It closes a request's hold."),
        };
        return after.Posted([]);
    }

    public bool Wants(string eventType) => EventTypes.IsIn(WantedEvents, eventType);

    /// <summary>With what the endpoints want since a change of them, unless a newer one is known.</summary>
    public Balance WithWanted(long version, long wanted) => version > EndpointsVersion ? this with { EndpointsVersion = version, WantedEvents = wanted } : this;

    /// <summary>With another limit. Asked for again, nothing changes.</summary>
    public Balance WithLimit(Money limit) => limit == Limit ? this : (this with { Limit = limit }).RearmLimit();

    /// <summary>Which share of its pot a charge has crossed. Told once: the balance remembers, until the next grant, or until less is owed again.</summary>
    /// <param name="quote">What was held for the request.</param>
    public (Balance After, SpendAlert? Alert) Announce(Rail rail, Money quote)
    {
        if (rail == Rail.Postpaid)
        {
            var owed = SpendMarks.Reached(Unpaid, Limit, Limit - Unpaid, quote);
            return (this with { LimitAnnounced = LimitAnnounced.With(owed) }, AlertOf(SpendSubject.CreditLimit, LimitAnnounced.Crossed(owed), Unpaid, Limit));
        }

        // A grant that went to a debt left nothing to be a share of.
        if (Funds == Money.Zero) return (this, null);
        var spent = SpendMarks.Reached(Settled - FundsSettled, Funds, Unspent, quote);
        return (this with { FundsAnnounced = FundsAnnounced.With(spent) }, AlertOf(SpendSubject.Balance, FundsAnnounced.Crossed(spent), Settled - FundsSettled, Funds));

        static SpendAlert? AlertOf(SpendSubject what, int? percent, Money spent, Money of) => percent is { } crossed ? new(what, null, crossed, spent, of, null) : null;
    }

    private Balance BeginFunds() => this with { Funds = Money.Max(Unspent, Money.Zero), FundsSettled = Settled, FundsAnnounced = SpendMarks.None };

    private Balance RearmLimit() => this with { LimitAnnounced = LimitAnnounced.Rearmed(SpendMarks.Reached(Unpaid, Limit)) };

    /// <summary>Below zero it is the debt: the two are one number, so that neither a grant nor a hold that is given back can leave both.</summary>
    private Money Free => Unspent - Held;

    private Money Unspent => Granted - Refunded - Expired - Settled;

    /// <summary>
    /// What expires is never more than is there: a refund takes other credit first, then what expires first, and debt is paid from whatever there is. So nothing
    /// that expires can make debt.
    /// </summary>
    private Posted Posted(IReadOnlyList<GrantShare> spent)
    {
        var (covered, taken) = Expiring.LimitTo(Money.Max(Free, Money.Zero));
        return new Posted(this with { Expiring = covered }, GrantShare.ToText(spent.Concat(taken)));
    }

    private Balance Charge(Rail rail, Money charge)
    {
        var charged = rail == Rail.Prepaid ? this with { Settled = Settled + charge } : this with { Owed = Owed + charge };
        return charged with { Usage = Usage.Add(rail, charge) };
    }

    private ApiError? Refusal(Money quote, Accounts.Plan plan, DateTimeOffset now, bool waits)
    {
        if (ConductRefusal(now) is { } refusal) return refusal;
        if (Stops != StopReasons.None) return ApiError.AccountPaused(Stops);
        if (Debt > Money.Zero) return ApiError.AccountInDebt(Debt);
        if (Available < quote && AvailableCredit < quote) return ApiError.InsufficientBalance(quote, Money.Max(Available, AvailableCredit));
        var openMax = Conduct.OpenMax(plan, now);
        return !waits && Open >= openMax ? ApiError.TooManyOpenRequests(openMax) : null;
    }

    public Columns ToColumns() => new()
    {
        { nameof(Granted), Granted.Micros },
        { nameof(Refunded), Refunded.Micros },
        { nameof(Expired), Expired.Micros },
        { nameof(Expiring), Expiring.ToText() },
        { nameof(Held), Held.Micros },
        { nameof(Settled), Settled.Micros },
        { nameof(Limit), Limit.Micros },
        { nameof(OwedHeld), OwedHeld.Micros },
        { nameof(Owed), Owed.Micros },
        { nameof(Paid), Paid.Micros },
        { nameof(Open), Open },
        { nameof(Sequence), Sequence },
        { nameof(Head), Head },
        { nameof(PaceMicroseconds), PaceMicroseconds },
        { nameof(AdoptableUntil), AdoptableUntil },
        { nameof(KeyGeneration), KeyGeneration },
        { nameof(Budgets), Budgets },
        { nameof(Stops), (long)Stops },
        { nameof(Funds), Funds.Micros },
        { nameof(FundsSettled), FundsSettled.Micros },
        { nameof(FundsAnnounced), FundsAnnounced.Bits },
        { nameof(LimitAnnounced), LimitAnnounced.Bits },
        { nameof(Events), Events },
        { nameof(WantedEvents), WantedEvents },
        { nameof(EndpointsVersion), EndpointsVersion },
        { nameof(Conduct), Conduct.ToText() },
        { "Hour", Usage.Hour.Number },
        { "HourPrepaid", Usage.Prepaid.Micros },
        { "HourPostpaid", Usage.Postpaid.Micros },
    };

    public static Balance From(Columns columns) => new()
    {
        Granted = new(columns.Integer(nameof(Granted))),
        Refunded = new(columns.Integer(nameof(Refunded))),
        Expired = new(columns.Integer(nameof(Expired))),
        Expiring = ExpiringCredit.Parse(columns.Text(nameof(Expiring))),
        Held = new(columns.Integer(nameof(Held))),
        Settled = new(columns.Integer(nameof(Settled))),
        Limit = new(columns.Integer(nameof(Limit))),
        OwedHeld = new(columns.Integer(nameof(OwedHeld))),
        Owed = new(columns.Integer(nameof(Owed))),
        Paid = new(columns.Integer(nameof(Paid))),
        Open = checked((int)columns.Integer(nameof(Open))),
        Sequence = columns.Integer(nameof(Sequence)),
        Head = columns.Text(nameof(Head)),
        PaceMicroseconds = columns.Integer(nameof(PaceMicroseconds)),
        AdoptableUntil = columns.Integer(nameof(AdoptableUntil)),
        KeyGeneration = columns.Integer(nameof(KeyGeneration)),
        Budgets = checked((int)columns.Integer(nameof(Budgets))),
        Stops = (StopReasons)columns.Integer(nameof(Stops)),
        Funds = new(columns.Integer(nameof(Funds))),
        FundsSettled = new(columns.Integer(nameof(FundsSettled))),
        FundsAnnounced = new((int)columns.Integer(nameof(FundsAnnounced))),
        LimitAnnounced = new((int)columns.Integer(nameof(LimitAnnounced))),
        Events = columns.Integer(nameof(Events)),
        WantedEvents = columns.Integer(nameof(WantedEvents)),
        EndpointsVersion = columns.Integer(nameof(EndpointsVersion)),
        Conduct = Conduct.Parse(columns.Text(nameof(Conduct))),
        Usage = new(new(columns.Integer("Hour")), new(columns.Integer("HourPrepaid")), new(columns.Integer("HourPostpaid"))),
    };
}

/// <summary>A balance after a hold, and the pot that it took.</summary>
/// <param name="Expiring">What it took of credit that expires.</param>
public sealed record Held(Balance Balance, Rail Rail, IReadOnlyList<GrantShare> Expiring);

/// <summary>A balance after an entry.</summary>
/// <param name="FromExpiring">What the entry took of credit that expires: <see cref="LedgerEntry.FromExpiring"/>.</param>
public sealed record Posted(Balance Balance, string FromExpiring);
