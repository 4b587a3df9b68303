using Stripe;
using static ServerlessImages.Stripe.StripeCall;

namespace ServerlessImages.Stripe;

internal static class StripeCards
{
    /// <returns>The card to charge while its owner is away, or null if there is none.</returns>
    public static async Task<string?> FindCardAsync(this StripeClient stripe, string customerId, CancellationToken cancel)
    {
        var customer = await AskAsync(() => stripe.V1.Customers.GetAsync(customerId, cancellationToken: cancel), cancel);
        if (customer.InvoiceSettings?.DefaultPaymentMethodId is { } chosen) return chosen;

        // The newest comes first.
        var cards = new PaymentMethodListOptions { Customer = customerId, Type = "card", Limit = 1 };
        return (await AskAsync(() => stripe.V1.PaymentMethods.ListAsync(cards, cancellationToken: cancel), cancel)).Data.FirstOrDefault()?.Id;
    }
}
