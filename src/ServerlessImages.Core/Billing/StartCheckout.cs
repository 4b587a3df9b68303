using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Accounts;

namespace ServerlessImages.Billing;

/// <summary>Opens a page on which an account buys credit. No money moves before its owner pays there.</summary>
public sealed class StartCheckout(Customers customers, IPaymentCollector collector, BillingOptions options, IEntropy entropy, TimeProvider clock)
{
    /// <param name="idempotencyKey">The same key opens the same page for a day; null opens another each time.</param>
    /// <param name="successUrl">Where the payer goes from there; the collector puts the checkout's id in the place of <c>{CHECKOUT_SESSION_ID}</c>.</param>
    /// <returns>Or <c>invalid_value</c>, <c>idempotency_key_reused</c>.</returns>
    /// <exception cref="CollectorUnavailableException">Nothing was bought.</exception>
    public async Task<Result<Checkout>> RunAsync(Account account, Money amount, string? idempotencyKey, Uri successUrl, Uri cancelUrl, CancellationToken cancel)
    {
        if (options.AmountError("amount_usd", amount) is { } error) return error;

        var customer = await customers.EnsureAsync(account, cancel);
        var key = idempotencyKey is null ? entropy.NextId("", clock.GetUtcNow()) : Hash(idempotencyKey);
        return await collector.CreateCheckoutAsync(new(account.Id, customer, Payment.ToCents(amount)!.Value, options.AutomaticTax, successUrl, cancelUrl, $"checkout-{account.Id}-{key}"), cancel);
    }

    /// <summary>The collector takes 255 characters, and the caller's own may be as many.</summary>
    internal static string Hash(string idempotencyKey) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)));
}
