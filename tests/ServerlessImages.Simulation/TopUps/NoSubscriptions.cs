using ServerlessImages.Billing;
using ServerlessImages.Ledger;

namespace ServerlessImages.Simulation.TopUps;

/// <summary>A collector at which nobody pays later: this world is about credit that is bought.</summary>
internal sealed class NoSubscriptions : ISubscriptionCollector, IUsageCollector
{
    public Task<IReadOnlyList<Subscription>> SubscriptionsAsync(string customerId, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Subscription>>([]);

    public Task<IReadOnlyList<UsageInvoice>> InvoicesAsync(string customerId, CancellationToken cancel) => Task.FromResult<IReadOnlyList<UsageInvoice>>([]);

    public Task InvoicePendingAsync(string customerId, CancellationToken cancel) => Task.CompletedTask;

    public Task<Result<UsageCatalog>> SetUpAsync(CancellationToken cancel) => throw NotHere();

    public Task<Result<Checkout>> CreateSubscriptionCheckoutAsync(SubscriptionOrder order, CancellationToken cancel) => throw NotHere();

    public Task<string?> FindAccountAsync(string customerId, CancellationToken cancel) => throw NotHere();

    public Task SetThresholdAsync(string subscriptionId, long cents, CancellationToken cancel) => throw NotHere();

    public Task CancelAsync(string subscriptionId, bool invoice, CancellationToken cancel) => throw NotHere();

    public Task<IReadOnlyList<InvoiceDocument>> InvoiceDocumentsAsync(string customerId, string? after, int limit, CancellationToken cancel) => throw NotHere();

    public Task<InvoiceDocument?> FindInvoiceDocumentAsync(string id, CancellationToken cancel) => throw NotHere();

    public Task<UsageProblem?> FindUsageProblemAsync(string eventId, CancellationToken cancel) => throw NotHere();

    public Result<CollectorEvent> ReadNotification(ReadOnlySpan<byte> body, string signature) => throw NotHere();

    public Task<CollectorAnswer> RecordAsync(UsageRecord usage, CancellationToken cancel) => throw NotHere();

    public Task<Money?> FindTotalAsync(string account, LedgerHour hour, CancellationToken cancel) => throw NotHere();

    public Task<CollectorAnswer> InvoiceAsync(UsageRecord usage, CancellationToken cancel) => throw NotHere();

    private static InvalidOperationException NotHere() => new("Nobody subscribes in this world.");
}
