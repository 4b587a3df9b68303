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
/// <param name="ConsentKeyId">The API key under which it agreed.</param>
public sealed record AutoTopUpTerms(bool Enabled, Money Threshold, Money Amount, Money MonthlyCap, string ConsentKeyId, DateTimeOffset ConsentAt);

/// <summary>An account's automatic top-ups: its terms, and the one charge that is under way. Pure: no store, no clock.</summary>
public sealed record AutoTopUp(AutoTopUpTerms Terms)
{
    public AutoTopUpState State { get; init; }

    /// <summary>Of the last charge, from 1 on; the collector knows it by this.</summary>
    public long Attempt { get; init; }

    /// <summary>What the last charge was of.</summary>
    public Money Charging { get; init; }

    public string Card { get; init; } = "";
    public DateTimeOffset BegunAt { get; init; }

    /// <summary>Such as 202611.</summary>
    public int Month { get; init; }

    /// <summary>Charged in that month, with the charge under way.</summary>
    public Money InMonth { get; init; }

    public string DeclineCode { get; init; } = "";

    public Money LeftAt(DateTimeOffset now) => Money.Max(Money.Zero, Terms.MonthlyCap - SpentAt(now));

    public Money SpentAt(DateTimeOffset now) => Month == MonthOf(now) ? InMonth : Money.Zero;

    public bool IsDue(Money available, DateTimeOffset now) => Terms.Enabled && State == AutoTopUpState.Ready && available < Terms.Threshold && Terms.Amount <= LeftAt(now);

    public AutoTopUp Begin(string card, DateTimeOffset now) => this with
    {
        State = AutoTopUpState.Charging,
        Attempt = Attempt + 1,
        Charging = Terms.Amount,
        Card = card,
        BegunAt = now,
        Month = MonthOf(now),
        InMonth = SpentAt(now) + Terms.Amount,
        DeclineCode = "",
    };

    public AutoTopUp Succeed() => this with { State = AutoTopUpState.Ready };

    public AutoTopUp Decline(string code) => Undo() with { State = AutoTopUpState.Declined, DeclineCode = code };

    /// <summary>The charge was never made.</summary>
    public AutoTopUp Undo() => this with { State = AutoTopUpState.Ready, InMonth = State == AutoTopUpState.Charging ? InMonth - Charging : InMonth };

    public AutoTopUp Recover() => State == AutoTopUpState.Declined ? this with { State = AutoTopUpState.Ready, DeclineCode = "" } : this;

    public Columns ToColumns() => new()
    {
        { nameof(Terms.Enabled), Terms.Enabled ? 1 : 0 },
        { nameof(Terms.Threshold), Terms.Threshold.Micros },
        { nameof(Terms.Amount), Terms.Amount.Micros },
        { nameof(Terms.MonthlyCap), Terms.MonthlyCap.Micros },
        { nameof(Terms.ConsentKeyId), Terms.ConsentKeyId },
        { nameof(Terms.ConsentAt), Terms.ConsentAt.ToUnixTimeMilliseconds() },
        { nameof(State), State.ToString() },
        { nameof(Attempt), Attempt },
        { nameof(Charging), Charging.Micros },
        { nameof(Card), Card },
        { nameof(BegunAt), BegunAt.ToUnixTimeMilliseconds() },
        { nameof(Month), Month },
        { nameof(InMonth), InMonth.Micros },
        { nameof(DeclineCode), DeclineCode },
    };

    public static AutoTopUp From(Columns columns) => new(new AutoTopUpTerms(
        columns.Integer(nameof(Terms.Enabled)) != 0,
        new(columns.Integer(nameof(Terms.Threshold))),
        new(columns.Integer(nameof(Terms.Amount))),
        new(columns.Integer(nameof(Terms.MonthlyCap))),
        columns.Text(nameof(Terms.ConsentKeyId)),
        DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(Terms.ConsentAt)))))
    {
        State = Enum.Parse<AutoTopUpState>(columns.Text(nameof(State))),
        Attempt = columns.Integer(nameof(Attempt)),
        Charging = new(columns.Integer(nameof(Charging))),
        Card = columns.Text(nameof(Card)),
        BegunAt = DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(BegunAt))),
        Month = checked((int)columns.Integer(nameof(Month))),
        InMonth = new(columns.Integer(nameof(InMonth))),
        DeclineCode = columns.Text(nameof(DeclineCode)),
    };

    private static int MonthOf(DateTimeOffset time) => (time.UtcDateTime.Year * 100) + time.UtcDateTime.Month;
}
