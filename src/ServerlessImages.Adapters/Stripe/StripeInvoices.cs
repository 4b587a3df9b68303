using System.Globalization;
using ServerlessImages.Billing;
using Stripe;
using Subscription = ServerlessImages.Billing.Subscription;

namespace ServerlessImages.Stripe;

/// <summary>Stripe's subscriptions and invoices in our words.</summary>
internal static class StripeInvoices
{
    /// <returns>Null if it is none of ours.</returns>
    public static Subscription? ToSubscription(this global::Stripe.Subscription subscription) => StripeObjects.AccountOf(subscription.Metadata) is null
        ? null
        : new(subscription.Id, StatusOf(subscription.Status), StripeObjects.Utc(subscription.Created), subscription.EndedAt is { } ended ? StripeObjects.Utc(ended) : null);

    /// <param name="price">Ours, or null before it is set up.</param>
    /// <returns>Null if nothing on it is usage: prepaid credit is invoiced too, and other things may be sold.</returns>
    public static UsageInvoice? ToUsageInvoice(this Invoice invoice, IReadOnlyList<InvoiceLineItem> lines, string? price, DateTimeOffset now)
    {
        var reported = lines.Where(line => price is not null && line.Pricing?.PriceDetails?.PriceId == price).ToArray();
        var items = lines.Select(MicrosOf).OfType<long>().ToArray();
        if (reported.Length + items.Length == 0) return null;

        // Whole micro-dollars: what is reported is.
        var micros = reported.Sum(line => decimal.ToInt64(line.QuantityDecimal ?? line.Quantity ?? 0));
        var until = reported.Length > 0 ? reported.Max(line => line.Period.End) : invoice.PeriodEnd;
        var status = StatusOf(invoice);
        return new(invoice.Id, invoice.Parent?.SubscriptionDetails?.SubscriptionId ?? "", status, StripeObjects.Utc(invoice.Created), StripeObjects.Utc(until), new(micros), new(items.Sum()))
        {
            Number = invoice.Number ?? "",
            TotalCents = invoice.Total,
            UsageFrom = StripeObjects.Utc(reported.Length > 0 ? reported.Min(line => line.Period.Start) : invoice.PeriodStart),
            EndsPeriod = invoice.BillingReason == "subscription_cycle",
            IsOwed = status == InvoiceStatus.Uncollectible || (status == InvoiceStatus.Open && (invoice.AttemptCount > 0 || (invoice.DueDate is { } due && StripeObjects.Utc(due) < now))),
        };
    }

    /// <param name="usage">What of it is usage, or null.</param>
    public static InvoiceDocument ToDocument(this Invoice invoice, UsageInvoice? usage) => new(
        invoice.Id,
        invoice.CustomerId ?? "",
        invoice.Number ?? "",
        StatusOf(invoice),
        StripeObjects.Utc(invoice.Created),
        invoice.TotalExcludingTax ?? invoice.Total,
        invoice.Total - (invoice.TotalExcludingTax ?? invoice.Total),
        invoice.AmountRemaining,
        invoice.Currency,
        invoice.HostedInvoiceUrl is { } url ? new Uri(url) : null,
        invoice.InvoicePdf is { } pdf ? new Uri(pdf) : null,
        usage);

    private static long? MicrosOf(InvoiceLineItem line) =>
        line.Metadata is { } metadata && metadata.ContainsKey(StripeUsageCollector.IdentifierKey) && metadata.TryGetValue(StripeUsageCollector.MicrosKey, out var text) ? long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    private static InvoiceStatus StatusOf(Invoice invoice) => invoice.Status switch
    {
        "open" => InvoiceStatus.Open,
        "paid" => InvoiceStatus.Paid,
        "uncollectible" => InvoiceStatus.Uncollectible,
        "void" => InvoiceStatus.Void,
        _ => InvoiceStatus.Draft,
    };

    private static SubscriptionStatus StatusOf(string status) => status switch
    {
        "trialing" => SubscriptionStatus.Trialing,
        "active" => SubscriptionStatus.Active,
        "past_due" => SubscriptionStatus.PastDue,
        "unpaid" => SubscriptionStatus.Unpaid,
        "paused" => SubscriptionStatus.Paused,
        "canceled" or "incomplete_expired" => SubscriptionStatus.Ended,
        _ => SubscriptionStatus.Incomplete,
    };
}
