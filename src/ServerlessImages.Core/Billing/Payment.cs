namespace ServerlessImages.Billing;

/// <summary>A payment as the collector has it now.</summary>
/// <param name="Id">The collector's; also the id of its grant, on whatever path the payment is heard of.</param>
/// <param name="IsPaid">Whether the money is there. A bank debit takes days.</param>
/// <param name="AccountId">Which account it was asked of, as we noted with the collector.</param>
/// <param name="AskedCents">How much credit was ordered, as we noted with the collector.</param>
/// <param name="Cents">What the payer bought, before taxes, in the smallest unit of the currency.</param>
/// <param name="Currency">Such as <c>usd</c>.</param>
public sealed record Payment(string Id, bool IsPaid, string AccountId, string CustomerId, long AskedCents, long Cents, string Currency)
{
    public const string Usd = "usd";
    private const long MicrosPerCent = Money.MicrosPerDollar / 100;

    /// <summary>When it was begun: the money may have come days later.</summary>
    public DateTimeOffset Begun { get; init; }

    public Money Amount => OfCents(Cents);

    public static Money OfCents(long cents) => new(checked(cents * MicrosPerCent));

    /// <returns>Null where the amount is no whole number of cents.</returns>
    public static long? ToCents(Money amount) => amount.Micros % MicrosPerCent == 0 ? amount.Micros / MicrosPerCent : null;

    /// <summary>Why a payment that is there is no credit, in words for the operator; or null.</summary>
    /// <param name="accountExists">Whether <see cref="AccountId"/> is an account.</param>
    /// <param name="isOfAccount">Whether <see cref="CustomerId"/> is, or was, the account's customer.</param>
    public string? Problem(bool accountExists, bool isOfAccount)
    {
        if (Currency != Usd) return $"paid in {Currency}";
        if (Cents <= 0) return $"an amount of {Cents} cents";
        if (Cents != AskedCents) return $"{Cents} cents were paid, {AskedCents} were ordered";
        if (!accountExists) return "there is no such account";
        return isOfAccount ? null : "another customer than the account's";
    }
}

/// <summary>Credit to be bought on a page of the collector's.</summary>
/// <param name="IdempotencyKey">The same key gives the same page, for about a day.</param>
public sealed record CheckoutOrder(string AccountId, string CustomerId, long Cents, bool AutomaticTax, Uri SuccessUrl, Uri CancelUrl, string IdempotencyKey);

public enum CheckoutStatus
{
    /// <summary>Nobody has paid yet.</summary>
    Open,

    /// <summary>The payer is done; the money may still be on its way.</summary>
    Complete,

    /// <summary>Nobody can pay any more.</summary>
    Expired,
}

/// <summary>A page on which credit is bought, or a subscription begun.</summary>
/// <param name="Url">Null once it is no longer open.</param>
/// <param name="Payment">Null before it was begun.</param>
public sealed record Checkout(string Id, string AccountId, CheckoutStatus Status, Money Amount, Uri? Url, DateTimeOffset ExpiresAt, Payment? Payment)
{
    /// <summary>A subscription is begun on it: nothing is paid there.</summary>
    public bool IsSubscription { get; init; }
}

/// <summary>A charge to a saved card while its owner is away.</summary>
/// <param name="Attempt">Counts up for each account; the collector notes it.</param>
public sealed record AutomaticCharge(string AccountId, string CustomerId, string Card, long Cents, long Attempt)
{
    public string IdempotencyKey => $"auto-top-up-{AccountId}-{Attempt}";
}

public enum AutomaticPaymentStatus
{
    Processing,
    Succeeded,
    Declined,
}

/// <param name="DeclineCode">The collector's word, such as <c>insufficient_funds</c>; "" unless declined.</param>
public sealed record AutomaticPayment(Payment Payment, long Attempt, AutomaticPaymentStatus Status, string DeclineCode)
{
    /// <summary>Our own word for the <see cref="DeclineCode"/> where there is no card to be declined.</summary>
    public const string NoCard = "no_card";
}

public enum ReturnKind
{
    /// <summary>The operator paid it back.</summary>
    Refund,

    /// <summary>The payer's bank took it back.</summary>
    Dispute,
}

/// <summary>Money of a payment that went back.</summary>
/// <param name="Amount">The payment's own share: what taxes went back with it is not in it.</param>
/// <param name="Failed">It came back to us after all: the refund failed, or the dispute was won.</param>
/// <param name="IsOpen">The bank has not decided.</param>
public sealed record PaymentReturn(string Id, ReturnKind Kind, string PaymentId, string AccountId, Money Amount, bool Failed, bool IsOpen = false)
{
    /// <summary>When it went back.</summary>
    public DateTimeOffset At { get; init; }
}
