using System.ComponentModel;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.OpenApi;

internal sealed record CheckoutBody
{
    [Description("The credit, in dollars and whole cents, from 5 to 500 unless the operator sets other bounds. Taxes, where they apply, are added on the page.")]
    public string? AmountUsd { get; init; }

    [Words("payment", "subscription"), Description("payment buys credit of amount_usd. subscription lets an account with an approved limit pay later; it takes no amount.")]
    public string? Mode { get; init; }
}

internal sealed record SubscriptionAnswer
{
    [Words("subscription")]
    public required string Object { get; init; }

    [Words("none", "incomplete", "trialing", "active", "past_due", "unpaid", "paused", "ended")]
    public required string Status { get; init; }

    [Description("What an operator approved.")]
    public required string ApprovedUsd { get; init; }

    [Description("How much may be owed now: what was approved while the subscription is active or on trial, else 0.")]
    public required string CreditLimitUsd { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }
}

internal sealed record InvoiceListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    public required IReadOnlyList<InvoiceAnswer> Data { get; init; }

    [Description("Whether older ones follow.")]
    public required bool HasMore { get; init; }

    [Description("For after, or null.")]
    public required string? NextCursor { get; init; }
}

internal sealed record InvoiceAnswer
{
    [Words("invoice")]
    public required string Object { get; init; }

    public required string Id { get; init; }

    [Description("As it stands on it; null while it is a draft.")]
    public required string? Number { get; init; }

    [Words("purchase", "usage"), Description("purchase: of credit that was bought. usage: of what was charged to the credit limit.")]
    public required string Kind { get; init; }

    [Words<InvoiceStatus>]
    public required string Status { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    [Description("Without taxes, to the cent.")]
    public required string Amount { get; init; }

    public required string Tax { get; init; }
    public required string Total { get; init; }

    [Description("What is left to be paid.")]
    public required string Due { get; init; }

    public required string Currency { get; init; }

    [Description("Of usage: what of the ledger's charges is on it, to the micro-dollar. Each line of the invoice is rounded to the cent.")]
    public required string? ChargedUsd { get; init; }

    [Description("Of usage: the end of the hours that are on it, in Unix seconds.")]
    public required long? UsageUntil { get; init; }

    [Description("Where it is read and paid; null while it is a draft.")]
    public required string? Url { get; init; }

    public required string? PdfUrl { get; init; }
}

internal sealed record CheckoutAnswer
{
    [Words("checkout")]
    public required string Object { get; init; }

    public required string Id { get; init; }

    [Words("payment", "subscription")]
    public required string Mode { get; init; }

    [Words("open", "processing", "paid", "expired", "in_review", "subscribed")]
    public required string Status { get; init; }

    [Description("Null of a subscription.")]
    public required string? AmountUsd { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }

    [Description("Where it is paid; null once it is no longer open.")]
    public required string? Url { get; init; }

    [Description("Unix seconds.")]
    public required long ExpiresAt { get; init; }
}

internal sealed record PortalBody;

internal sealed record PortalAnswer
{
    [Words("portal")]
    public required string Object { get; init; }

    [Description("For minutes only: open another for each visit.")]
    public required string Url { get; init; }
}

internal sealed record AutoTopUpRequest
{
    public required bool Enabled { get; init; }

    [Description("Credit is bought when less than this is available; at most 1,000.")]
    public string? ThresholdUsd { get; init; }

    [Description("How much credit at once, as of a checkout.")]
    public string? AmountUsd { get; init; }

    [Description("The most that is charged in a calendar month, UTC.")]
    public string? MonthlyCapUsd { get; init; }

    [Description("true: a saved card may be charged while its owner is away. Required to turn it on.")]
    public bool? Consent { get; init; }
}

internal sealed record AutoTopUpAnswer
{
    [Words("auto_top_up")]
    public required string Object { get; init; }

    public required bool Enabled { get; init; }

    [Words("off", "ready", "charging", "declined", "cap_reached")]
    public required string State { get; init; }

    [Description("Null where it was never set, as are the next two.")]
    public required string? ThresholdUsd { get; init; }

    public required string? AmountUsd { get; init; }
    public required string? MonthlyCapUsd { get; init; }
    public required string ChargedThisMonthUsd { get; init; }

    [Description("Why the card was declined, such as insufficient_funds; no_card if there is none. Else null.")]
    public required string? DeclineCode { get; init; }

    [Description("Unix seconds; null while it is off.")]
    public required long? ConsentedAt { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }
}
