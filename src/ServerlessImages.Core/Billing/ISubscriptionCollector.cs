namespace ServerlessImages.Billing;

/// <summary>
/// Who sends invoices to accounts that pay later, as the rules see it: Stripe, or another. <see cref="IUsageCollector"/> tells it what they are of. Any method throws
/// a <see cref="CollectorUnavailableException"/> when it cannot be asked; what was asked may then have been done.
/// </summary>
public interface ISubscriptionCollector
{
    /// <summary>Makes what usage is invoiced with, where it is not there: one product, one meter and one price for all accounts. Calling again changes nothing.</summary>
    /// <returns>Or <c>billing_setup_differs</c>: it is there, and would bill something else.</returns>
    Task<Result<UsageCatalog>> SetUpAsync(CancellationToken cancel);
}

/// <summary>What usage is invoiced with, at the collector.</summary>
public sealed record UsageCatalog(CatalogItem Product, CatalogItem Meter, CatalogItem Price);

/// <param name="IsNew">It was made just now.</param>
public sealed record CatalogItem(string Id, bool IsNew);
