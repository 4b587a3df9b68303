namespace ServerlessImages.Notices;

/// <summary>What an account's people have to know before all else, the gravest first.</summary>
public enum NoticeKind
{
    /// <summary>An operator has stopped it.</summary>
    Frozen,

    /// <summary>It is stopped until an operator has looked at what the content filter refused.</summary>
    ContentReview,

    /// <summary>It is stopped: a payment was disputed, and its bank has not decided.</summary>
    PaymentDisputed,

    /// <summary>An invoice is due, and its payment failed.</summary>
    InvoiceUnpaid,

    /// <summary>It is stopped: what went back was spent already.</summary>
    InDebt,

    /// <summary>The card was declined when credit was to be bought automatically.</summary>
    TopUpDeclined,

    /// <summary>Little is left.</summary>
    BalanceLow,

    /// <summary>Endpoints get nothing, because deliveries to them failed or they said that they are gone.</summary>
    WebhooksDisabled,
}

/// <param name="Amount">What is owed, or left; zero where that says nothing.</param>
/// <param name="Count">Of endpoints; 0 for others.</param>
public sealed record AccountNotice(NoticeKind Kind, Money Amount, int Count)
{
    public static AccountNotice Of(NoticeKind kind) => new(kind, Money.Zero, 0);
}
