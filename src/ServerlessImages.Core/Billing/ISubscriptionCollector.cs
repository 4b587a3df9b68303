namespace ServerlessImages.Billing;

/// <summary>
/// Who sends invoices to accounts that pay later, as the rules see it: Stripe, or another. <see cref="IUsageCollector"/> tells it what they are of. What it tells is
/// what it knows at that moment. Any method throws a <see cref="CollectorUnavailableException"/> when it cannot be asked; what was asked may then have been done.
/// </summary>
public interface ISubscriptionCollector
{
    /// <summary>Makes what usage is invoiced with, where it is not there: one product, one meter and one price for all accounts. Calling again changes nothing.</summary>
    /// <returns>Or <c>billing_setup_differs</c>: it is there, and would bill something else.</returns>
    Task<Result<UsageCatalog>> SetUpAsync(CancellationToken cancel);

    /// <returns>A page on which the account subscribes, and leaves a card; or <c>billing_not_set_up</c>, <c>idempotency_key_reused</c>.</returns>
    Task<Result<Checkout>> CreateSubscriptionCheckoutAsync(SubscriptionOrder order, CancellationToken cancel);

    /// <returns>Which account a customer is, or null if it is none of ours.</returns>
    Task<string?> FindAccountAsync(string customerId, CancellationToken cancel);

    /// <summary>All of a customer's subscriptions that are ours, those that have ended too.</summary>
    Task<IReadOnlyList<Subscription>> SubscriptionsAsync(string customerId, CancellationToken cancel);

    /// <summary>Has an invoice sent early when as much is to be invoiced. Calling again changes nothing.</summary>
    Task SetThresholdAsync(string subscriptionId, long cents, CancellationToken cancel);

    /// <summary>Ends a subscription at once. One that has ended is left.</summary>
    /// <param name="invoice">Whether what was used is invoiced now; else it never is.</param>
    Task CancelAsync(string subscriptionId, bool invoice, CancellationToken cancel);

    /// <summary>Makes an invoice of what waits for one, where no subscription will. Nothing waits: nothing is done.</summary>
    Task InvoicePendingAsync(string customerId, CancellationToken cancel);

    /// <returns>The announcement, of usage that was taken and then found to be wrong, or <c>invalid_webhook</c>: it is not signed by the collector, or not now.</returns>
    Result<CollectorEvent> ReadNotification(ReadOnlySpan<byte> body, string signature);

    /// <returns>What was wrong; null if the collector has no such announcement.</returns>
    Task<UsageProblem?> FindUsageProblemAsync(string eventId, CancellationToken cancel);

    /// <summary>A customer's invoices of usage: those of the last 100 days, and all that are owed.</summary>
    Task<IReadOnlyList<UsageInvoice>> InvoicesAsync(string customerId, CancellationToken cancel);

    /// <summary>A customer's invoices of all kinds, newest first.</summary>
    /// <param name="after">The id of the last one of the page before, or null.</param>
    Task<IReadOnlyList<InvoiceDocument>> InvoiceDocumentsAsync(string customerId, string? after, int limit, CancellationToken cancel);

    /// <returns>Null if there is none.</returns>
    Task<InvoiceDocument?> FindInvoiceDocumentAsync(string id, CancellationToken cancel);
}

/// <summary>What usage is invoiced with, at the collector.</summary>
public sealed record UsageCatalog(CatalogItem Product, CatalogItem Meter, CatalogItem Price);

/// <param name="IsNew">It was made just now.</param>
public sealed record CatalogItem(string Id, bool IsNew);

/// <param name="Anchor">When the first period ends: each later one ends a month after.</param>
/// <param name="ExpiresAt">Until when it can be subscribed on the page: before the anchor.</param>
public sealed record SubscriptionOrder(string AccountId, string CustomerId, DateTimeOffset Anchor, DateTimeOffset ExpiresAt, bool AutomaticTax, Uri SuccessUrl, Uri CancelUrl, string IdempotencyKey);

/// <param name="EndedAt">Null while it is live.</param>
public sealed record Subscription(string Id, SubscriptionStatus Status, DateTimeOffset Created, DateTimeOffset? EndedAt)
{
    public bool IsLive => Status != SubscriptionStatus.Ended;
}

/// <summary>Usage that the collector took and does not count.</summary>
/// <param name="AccountId">Of the first sample; "" where none is ours.</param>
/// <param name="Cause">Codes, counts and samples, in words for the operator.</param>
public sealed record UsageProblem(string AccountId, string Cause);

public enum InvoiceStatus
{
    /// <summary>It can still change.</summary>
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

/// <summary>An invoice of usage as the collector has it now.</summary>
/// <param name="SubscriptionId">"" where it belongs to none.</param>
/// <param name="UsageUntil">The end of the usage on it.</param>
/// <param name="Reported">What of it was reported hour by hour, to the micro-dollar.</param>
/// <param name="Items">What of it was put on it by itself, to the micro-dollar; below zero where it gives back.</param>
public sealed record UsageInvoice(string Id, string SubscriptionId, InvoiceStatus Status, DateTimeOffset Created, DateTimeOffset UsageUntil, Money Reported, Money Items)
{
    /// <summary>As the payer sees it; "" while it is a draft.</summary>
    public string Number { get; init; } = "";

    /// <summary>What the payer pays, with taxes and rounded to the cent.</summary>
    public long TotalCents { get; init; }

    /// <summary>It ends a period: what is reported for the time before it from then on is lost.</summary>
    public bool EndsPeriod { get; init; }

    /// <summary>A payment failed or is late.</summary>
    public bool IsOwed { get; init; }

    /// <summary>The beginning of its period.</summary>
    public DateTimeOffset UsageFrom { get; init; }

    /// <summary>What of the ledger's charges it is, without taxes and without rounding.</summary>
    public Money Exact => Reported + Items;
}
