using ServerlessImages.Accounts;

namespace ServerlessImages.Billing;

/// <summary>Opens a page on which an account that an operator trusts subscribes: from then on it may owe, up to its limit.</summary>
public sealed class StartSubscription(Customers customers, PostpaidAccounts accounts, SyncPostpaid sync, ISubscriptionCollector collector, BillingOptions options, IEntropy entropy, TimeProvider clock)
{
    private static readonly TimeSpan PageLifetime = TimeSpan.FromHours(23);

    /// <summary>The collector takes no page that is open for less than half an hour.</summary>
    private static readonly TimeSpan PageLifetimeMin = TimeSpan.FromMinutes(40);

    /// <returns>Or <c>credit_not_approved</c>, <c>subscription_exists</c>, <c>billing_not_set_up</c>, <c>billing_unavailable</c>, <c>idempotency_key_reused</c>.</returns>
    /// <exception cref="CollectorUnavailableException">Nothing was subscribed.</exception>
    public async Task<Result<Checkout>> RunAsync(Account account, string? idempotencyKey, Uri successUrl, Uri cancelUrl, CancellationToken cancel)
    {
        if (await accounts.FindAsync(account.Id, cancel) is not { } found || found.Account.Approved == Money.Zero) return ApiError.CreditNotApproved;

        // Periods end with the month, so that no hour lies in two. A page that outlives the month would begin one in the past.
        var now = clock.GetUtcNow();
        var anchor = new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        if (anchor - now < PageLifetimeMin) return ApiError.BillingUnavailable with { RetryAfter = anchor - now };

        var customer = await customers.EnsureAsync(account, cancel);
        await sync.RunAsync(account.Id, cancel);
        if ((await accounts.FindAsync(account.Id, cancel))?.Account.IsLive == true) return ApiError.SubscriptionExists;

        var expiresAt = anchor - now > PageLifetime ? now + PageLifetime : anchor - TimeSpan.FromMinutes(5);
        var key = idempotencyKey is null ? entropy.NextId("", now) : StartCheckout.Hash(idempotencyKey);
        return await collector.CreateSubscriptionCheckoutAsync(new(account.Id, customer, anchor, expiresAt, options.AutomaticTax, successUrl, cancelUrl, $"subscribe-{account.Id}-{key}"), cancel);
    }
}
