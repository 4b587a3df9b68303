using Stripe;
using static ServerlessImages.Stripe.StripeCall;

namespace ServerlessImages.Stripe;

internal static class StripeCustomers
{
    /// <returns>Null if there is none, or no longer.</returns>
    public static async Task<Customer?> FindCustomerAsync(this StripeClient stripe, string id, CancellationToken cancel) =>
        await FindAsync(() => stripe.V1.Customers.GetAsync(id, cancellationToken: cancel), cancel) is { } customer && customer.IsThere() ? customer : null;

    /// <summary>A customer that was deleted is still answered, with little but the word that it was.</summary>
    public static bool IsThere(this Customer customer) => customer.Deleted != true;

    /// <returns>The card to charge while its owner is away, or null if there is none.</returns>
    public static async Task<string?> FindCardAsync(this StripeClient stripe, string customerId, CancellationToken cancel)
    {
        if (await stripe.FindCustomerAsync(customerId, cancel) is not { } customer) return null;
        if (customer.InvoiceSettings?.DefaultPaymentMethodId is { } chosen) return chosen;

        // The newest comes first.
        var cards = new PaymentMethodListOptions { Customer = customerId, Type = "card", Limit = 1 };
        return (await AskAsync(() => stripe.V1.PaymentMethods.ListAsync(cards, cancellationToken: cancel), cancel)).Data.FirstOrDefault()?.Id;
    }
}
