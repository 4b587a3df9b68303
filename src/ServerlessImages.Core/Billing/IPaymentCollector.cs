namespace ServerlessImages.Billing;

/// <summary>
/// Whoever collects the money from customers, as the rules see it: Stripe in production, an emulator of it on one machine. It is never asked whether something
/// may be spent: that is the ledger's to say.
/// </summary>
/// <remarks>
/// What it tells is what it knows at that moment, and never the content of an announcement. Any method throws a <see cref="CollectorUnavailableException"/> when it
/// cannot be asked; what was asked may then have been done, and is asked again under the same idempotency key.
/// </remarks>
public interface IPaymentCollector
{
    /// <returns>The customer's id. The same for the same key, for about a day.</returns>
    Task<string> CreateCustomerAsync(string accountId, string name, string idempotencyKey, CancellationToken cancel);

    /// <summary>Looks for the customer of an account; may miss one that was created minutes ago, and not one that was deleted.</summary>
    Task<string?> FindCustomerAsync(string accountId, CancellationToken cancel);

    /// <returns>False if it was deleted at the collector's, where that cannot be taken back.</returns>
    Task<bool> HasCustomerAsync(string customerId, CancellationToken cancel);

    /// <returns>Or <c>idempotency_key_reused</c>: the same key came with another order.</returns>
    Task<Result<Checkout>> CreateCheckoutAsync(CheckoutOrder order, CancellationToken cancel);

    /// <returns>Null if there is none, or if it is none of ours.</returns>
    Task<Checkout?> FindCheckoutAsync(string id, CancellationToken cancel);

    IAsyncEnumerable<Checkout> CheckoutsSinceAsync(DateTimeOffset since, CancellationToken cancel);

    /// <returns>An address where the customer sees invoices and changes cards. Short-lived.</returns>
    Task<Uri> CreatePortalAsync(string customerId, Uri returnUrl, CancellationToken cancel);

    /// <returns>The card to charge while its owner is away, or null if there is none; nor is there one of a customer that was deleted.</returns>
    Task<string?> FindCardAsync(string customerId, CancellationToken cancel);

    /// <summary>Charges a card while its owner is away.</summary>
    Task<AutomaticPayment> ChargeAsync(AutomaticCharge charge, CancellationToken cancel);

    /// <returns>The payment of this attempt, or null if none was made since.</returns>
    Task<AutomaticPayment?> FindAutomaticPaymentAsync(string customerId, long attempt, DateTimeOffset since, CancellationToken cancel);

    /// <returns>Null if there is none, or if it is none of ours or no automatic one.</returns>
    Task<AutomaticPayment?> FindAutomaticPaymentAsync(string paymentId, CancellationToken cancel);

    /// <summary>Any payment for credit, made on a page or automatically.</summary>
    /// <returns>Null if there is none, or if it is none of ours.</returns>
    Task<Payment?> FindPaymentAsync(string paymentId, CancellationToken cancel);

    /// <summary>All that was paid back of a payment, and all that its bank took back.</summary>
    /// <returns>Empty if the payment is none of ours.</returns>
    Task<IReadOnlyList<PaymentReturn>> ReturnsAsync(string paymentId, CancellationToken cancel);

    /// <summary>Pays a part of a payment back, to where it came from.</summary>
    /// <param name="amount">The payment's own share: what taxes were paid on it go back with it. Rounded down to what can be paid; less than a cent is nothing.</param>
    Task RefundAsync(string paymentId, Money amount, string idempotencyKey, CancellationToken cancel);

    /// <returns>The announcement, or <c>invalid_webhook</c>: it is not signed by the collector, or not now.</returns>
    Result<CollectorEvent> ReadEvent(ReadOnlySpan<byte> body, string signature);

    /// <summary>What was announced since, of the kinds that are handled; the collector keeps 30 days.</summary>
    IAsyncEnumerable<CollectorEvent> EventsSinceAsync(DateTimeOffset since, CancellationToken cancel);
}

/// <summary>The collector cannot be asked just now. What was asked of it may have been done all the same.</summary>
public sealed class CollectorUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
