using ServerlessImages.Billing;

namespace ServerlessImages.Stripe;

/// <summary>Which of Stripe's events mean what to us. Source: docs.stripe.com/api/events/types.</summary>
internal static class StripeEvents
{
    private static readonly Dictionary<string, CollectorEventKind> Kinds = new(StringComparer.Ordinal)
    {
        ["checkout.session.completed"] = CollectorEventKind.CheckoutPaid,
        ["checkout.session.async_payment_succeeded"] = CollectorEventKind.CheckoutPaid,
        ["checkout.session.async_payment_failed"] = CollectorEventKind.Nothing,
        ["checkout.session.expired"] = CollectorEventKind.Nothing,
        ["payment_intent.succeeded"] = CollectorEventKind.PaymentEnded,
        ["payment_intent.payment_failed"] = CollectorEventKind.PaymentEnded,
        ["charge.refunded"] = CollectorEventKind.PaymentReturned,
        ["refund.created"] = CollectorEventKind.PaymentReturned,
        ["refund.updated"] = CollectorEventKind.PaymentReturned,
        ["refund.failed"] = CollectorEventKind.PaymentReturned,
        ["charge.dispute.created"] = CollectorEventKind.PaymentReturned,
        ["charge.dispute.funds_withdrawn"] = CollectorEventKind.PaymentReturned,
        ["charge.dispute.funds_reinstated"] = CollectorEventKind.PaymentReturned,
        ["charge.dispute.closed"] = CollectorEventKind.PaymentReturned,

        // Customers and cards are read when they are needed, and not remembered.
        ["customer.updated"] = CollectorEventKind.Nothing,
        ["customer.deleted"] = CollectorEventKind.Nothing,
        ["payment_method.detached"] = CollectorEventKind.Nothing,
    };

    /// <summary>Those that the sweep asks for; Stripe takes 20 at most.</summary>
    public static IReadOnlyList<string> Swept { get; } = [.. Kinds.Where(each => each.Value != CollectorEventKind.Nothing).Select(each => each.Key)];

    public static CollectorEventKind KindOf(string type) => Kinds.GetValueOrDefault(type, CollectorEventKind.Unknown);
}
