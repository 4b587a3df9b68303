using ServerlessImages.Accounts;

namespace ServerlessImages.Billing;

/// <summary>Opens the collector's own pages for an account's payer: cards, open invoices, the subscription.</summary>
public sealed class OpenCollectorPages(Customers customers, IPaymentCollector collector)
{
    /// <param name="returnUrl">Where the payer goes from there.</param>
    /// <exception cref="CollectorUnavailableException">Ask again.</exception>
    public async Task<Uri> RunAsync(Account account, Uri returnUrl, CancellationToken cancel) =>
        await collector.CreatePortalAsync(await customers.EnsureAsync(account, cancel), returnUrl, cancel);
}
