using ServerlessImages.Billing;

namespace ServerlessImages.Stripe;

/// <summary>Stripe as the one who sends invoices to accounts that pay later.</summary>
internal sealed class StripeSubscriptions(StripeCatalog catalog) : ISubscriptionCollector
{
    public Task<Result<UsageCatalog>> SetUpAsync(CancellationToken cancel) => catalog.SetUpAsync(cancel);
}
