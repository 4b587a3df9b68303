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
        ["customer.subscription.created"] = CollectorEventKind.PostpaidChanged,
        ["customer.subscription.updated"] = CollectorEventKind.PostpaidChanged,
        ["customer.subscription.deleted"] = CollectorEventKind.PostpaidChanged,
        ["customer.subscription.paused"] = CollectorEventKind.PostpaidChanged,
        ["customer.subscription.resumed"] = CollectorEventKind.PostpaidChanged,
        ["invoice.created"] = CollectorEventKind.PostpaidChanged,
        ["invoice.finalized"] = CollectorEventKind.PostpaidChanged,
        ["invoice.finalization_failed"] = CollectorEventKind.PostpaidChanged,
        ["invoice.paid"] = CollectorEventKind.PostpaidChanged,
        ["invoice.payment_failed"] = CollectorEventKind.PostpaidChanged,
        ["invoice.payment_action_required"] = CollectorEventKind.PostpaidChanged,
        ["invoice.overdue"] = CollectorEventKind.PostpaidChanged,
        ["invoice.marked_uncollectible"] = CollectorEventKind.PostpaidChanged,
        ["invoice.voided"] = CollectorEventKind.PostpaidChanged,

        // Customers and cards are read when they are needed, and not remembered.
        ["customer.updated"] = CollectorEventKind.Nothing,
        ["customer.deleted"] = CollectorEventKind.Nothing,
        ["payment_method.detached"] = CollectorEventKind.Nothing,
    };

    /// <summary>Those that the sweep asks for; Stripe takes 20 at most. Accounts that pay later are swept one by one, whatever was announced.</summary>
    public static IReadOnlyList<string> Swept { get; } = [.. Kinds.Where(each => each.Value is not (CollectorEventKind.Nothing or CollectorEventKind.PostpaidChanged)).Select(each => each.Key)];

    /// <summary>Thin events come to an endpoint of their own. Source: docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api, "Handle meter event errors".</summary>
    public static CollectorEventKind ThinKindOf(string type) => type is "v1.billing.meter.error_report_triggered" or "v1.billing.meter.no_meter_found" ? CollectorEventKind.UsageRefused : CollectorEventKind.Unknown;

    public static CollectorEventKind KindOf(string type) => Kinds.GetValueOrDefault(type, CollectorEventKind.Unknown);
}
