using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

public enum AutoTopUpState
{
    Ready,

    /// <summary>A card is being charged: nothing else is begun.</summary>
    Charging,

    /// <summary>The card was declined. Nothing is tried until the account pays by hand or sets its settings again.</summary>
    Declined,
}

/// <summary>What an account agreed to, by an act of its own.</summary>
/// <param name="Threshold">Below this, credit is bought.</param>
/// <param name="Amount">How much at once.</param>
/// <param name="MonthlyCap">How much at most in a calendar month, UTC.</param>
/// <param name="ConsentBy">The API key under which it agreed, or the member who did.</param>
public sealed record AutoTopUpTerms(bool Enabled, Money Threshold, Money Amount, Money MonthlyCap, string ConsentBy, DateTimeOffset ConsentAt);

/// <summary>An account's automatic top-ups: its terms, and the one charge that is under way. Pure: no store, no clock.</summary>
/// <remarks>
/// No month of the calendar is charged more than its cap, although instances' clocks are wrong by minutes and a charge is made up to an hour after it was begun:
/// a month begins ten minutes late here and never ends again, and what is begun near its end counts in the next month too.
/// </remarks>
public sealed record AutoTopUp(AutoTopUpTerms Terms)
{
    /// <summary>The name that it has had since only keys could agree: consents that were given then are kept under it.</summary>
    private const string ConsentColumn = "ConsentKeyId";

    /// <summary>As wrong as a clock may be.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>Longer than from the time by which a charge is counted to the time at which the collector may make it.</summary>
    private static readonly TimeSpan NearEnd = TimeSpan.FromMinutes(90);

    public AutoTopUpState State { get; init; }

    /// <summary>Of the last charge, from 1 on; the collector knows it by this.</summary>
    public long Attempt { get; init; }

    /// <summary>What the last charge was of.</summary>
    public Money Charging { get; init; }

    /// <summary>Who was charged: the account may be another customer by now.</summary>
    public string Customer { get; init; } = "";

    public string Card { get; init; } = "";
    public DateTimeOffset BegunAt { get; init; }

    /// <summary>The ledger's last entry when it was begun: a payment with a later one came after it, whatever clocks say.</summary>
    public long BegunAfter { get; init; }

    /// <summary>Such as 202611.</summary>
    public int Month { get; init; }

    /// <summary>Charged in that month, with the charge under way.</summary>
    public Money InMonth { get; init; }

    /// <summary>Of that, what counts in the month after it too.</summary>
    public Money InNextMonth { get; init; }

    public string DeclineCode { get; init; } = "";

    public Money LeftAt(DateTimeOffset now) => Money.Max(Money.Zero, Terms.MonthlyCap - SpentAt(now));

    public Money SpentAt(DateTimeOffset now)
    {
        var month = MonthAt(now);
        return month <= Month ? InMonth : month == MonthAfter(Month) ? InNextMonth : Money.Zero;
    }

    /// <summary>How it stands, in the words of the API.</summary>
    public static string StateOf(AutoTopUp? topUp, DateTimeOffset now) => topUp switch
    {
        { State: AutoTopUpState.Charging } => "charging",
        null or { Terms.Enabled: false } => "off",
        { State: AutoTopUpState.Declined } => "declined",
        _ => topUp.LeftAt(now) < topUp.Terms.Amount ? "cap_reached" : "ready",
    };

    public bool IsDue(Money available, DateTimeOffset now) => Terms.Enabled && State == AutoTopUpState.Ready && available < Terms.Threshold && Terms.Amount <= LeftAt(now);

    /// <param name="ledgerSequence">Of the ledger's last entry.</param>
    public AutoTopUp Begin(string customer, string card, long ledgerSequence, DateTimeOffset now)
    {
        var month = Math.Max(Month, MonthAt(now));
        var begun = this with
        {
            State = AutoTopUpState.Charging,
            Attempt = Attempt + 1,
            Charging = Terms.Amount,
            Customer = customer,
            Card = card,
            BegunAt = now,
            BegunAfter = ledgerSequence,
            Month = month,
            InMonth = SpentAt(now) + Terms.Amount,
            InNextMonth = month == Month ? InNextMonth : Money.Zero,
            DeclineCode = "",
        };
        return begun with { InNextMonth = begun.InNextMonth + begun.ChargingInNextMonth };
    }

    public AutoTopUp Succeed() => this with { State = AutoTopUpState.Ready };

    public AutoTopUp Decline(string code) => Undo() with { State = AutoTopUpState.Declined, DeclineCode = code };

    /// <summary>The charge was never made.</summary>
    public AutoTopUp Undo() => State == AutoTopUpState.Charging ? this with { State = AutoTopUpState.Ready, InMonth = InMonth - Charging, InNextMonth = InNextMonth - ChargingInNextMonth } : this;

    public AutoTopUp Recover() => State == AutoTopUpState.Declined ? this with { State = AutoTopUpState.Ready, DeclineCode = "" } : this;

    public Columns ToColumns() => new()
    {
        { nameof(Terms.Enabled), Terms.Enabled ? 1 : 0 },
        { nameof(Terms.Threshold), Terms.Threshold.Micros },
        { nameof(Terms.Amount), Terms.Amount.Micros },
        { nameof(Terms.MonthlyCap), Terms.MonthlyCap.Micros },
        { ConsentColumn, Terms.ConsentBy },
        { nameof(Terms.ConsentAt), Terms.ConsentAt.ToUnixTimeMilliseconds() },
        { nameof(State), State.ToString() },
        { nameof(Attempt), Attempt },
        { nameof(Charging), Charging.Micros },
        { nameof(Customer), Customer },
        { nameof(Card), Card },
        { nameof(BegunAt), BegunAt.ToUnixTimeMilliseconds() },
        { nameof(BegunAfter), BegunAfter },
        { nameof(Month), Month },
        { nameof(InMonth), InMonth.Micros },
        { nameof(InNextMonth), InNextMonth.Micros },
        { nameof(DeclineCode), DeclineCode },
    };

    public static AutoTopUp From(Columns columns) => new(new AutoTopUpTerms(
        columns.Integer(nameof(Terms.Enabled)) != 0,
        new(columns.Integer(nameof(Terms.Threshold))),
        new(columns.Integer(nameof(Terms.Amount))),
        new(columns.Integer(nameof(Terms.MonthlyCap))),
        columns.Text(ConsentColumn),
        DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(Terms.ConsentAt)))))
    {
        State = Enum.Parse<AutoTopUpState>(columns.Text(nameof(State))),
        Attempt = columns.Integer(nameof(Attempt)),
        Charging = new(columns.Integer(nameof(Charging))),
        Customer = columns.Text(nameof(Customer)),
        Card = columns.Text(nameof(Card)),
        BegunAt = DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(BegunAt))),
        BegunAfter = columns.Integer(nameof(BegunAfter)),
        Month = checked((int)columns.Integer(nameof(Month))),
        InMonth = new(columns.Integer(nameof(InMonth))),
        InNextMonth = new(columns.Integer(nameof(InNextMonth))),
        DeclineCode = columns.Text(nameof(DeclineCode)),
    };

    private Money ChargingInNextMonth => MonthAt(BegunAt) == Month && MonthAt(BegunAt + NearEnd) != Month ? Charging : Money.Zero;

    private static int MonthAt(DateTimeOffset now)
    {
        var time = (now - Skew).UtcDateTime;
        return (time.Year * 100) + time.Month;
    }

    private static int MonthAfter(int month) => month % 100 == 12 ? month + 89 : month + 1;
}
