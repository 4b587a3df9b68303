using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Ledger;
using Stripe;
using Stripe.Billing;
using Stripe.Checkout;
using static ServerlessImages.Stripe.StripeCall;

namespace ServerlessImages.Stripe;

/// <summary>What Stripe has written down, for the books. Lists come by the hundred, so that a night costs few of the reads that Stripe allows.</summary>
internal sealed class StripeBooks(StripeClient stripe, StripeCatalog catalog) : ICollectorBooks
{
    /// <summary>A Checkout is open for a day at most, and its payment is begun on it.</summary>
    private static readonly TimeSpan CheckoutsBefore = TimeSpan.FromHours(25);

    /// <summary>Payments, refunds (of cards, and of other means), disputes (new and old), invoices.</summary>
    private static readonly string[] Prefixes = ["pi_", "re_", "pyr_", "du_", "dp_", "in_"];

    public bool IsKnownAs(string id) => Prefixes.Any(prefix => id.StartsWith(prefix, StringComparison.Ordinal));

    public async Task<Payment?> FindPaymentAsync(string paymentId, CancellationToken cancel)
    {
        var intent = await FindAsync(() => stripe.V1.PaymentIntents.GetAsync(paymentId, cancellationToken: cancel), cancel);
        if (intent is null || StripeObjects.AccountOf(intent.Metadata) is not { } account) return null;
        if (intent.ToAutomaticPayment() is { } automatic) return automatic.Payment;
        var sessions = await AskAsync(() => stripe.V1.Checkout.Sessions.ListAsync(new SessionListOptions { PaymentIntent = paymentId, Limit = 1 }, cancellationToken: cancel), cancel);
        return sessions.Data.FirstOrDefault()?.ToCheckout()?.Payment ?? intent.ToPayment(account);
    }

    public async IAsyncEnumerable<Payment> PaymentsSinceAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancel)
    {
        var bought = new HashSet<string>(StringComparer.Ordinal);
        var sessions = stripe.V1.Checkout.Sessions.ListAutoPagingAsync(new SessionListOptions { Created = From(since - CheckoutsBefore), Limit = PageSize }, cancellationToken: cancel);
        await foreach (var checkout in EachAsync(sessions, StripeObjects.ToCheckout, cancel))
        {
            if (checkout.Payment is { } payment && bought.Add(payment.Id)) yield return payment;
        }

        var intents = stripe.V1.PaymentIntents.ListAutoPagingAsync(new PaymentIntentListOptions { Created = From(since), Limit = PageSize }, cancellationToken: cancel);
        await foreach (var intent in EachAsync(intents, each => each, cancel))
        {
            if (StripeObjects.AccountOf(intent.Metadata) is { } account && bought.Add(intent.Id)) yield return intent.ToPayment(account);
        }
    }

    public async IAsyncEnumerable<PaymentReturn> ReturnsSinceAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancel)
    {
        var refunds = new RefundListOptions { Created = From(since), Limit = PageSize, Expand = ["data.payment_intent"] };
        await foreach (var refund in EachAsync(stripe.V1.Refunds.ListAutoPagingAsync(refunds, cancellationToken: cancel), each => each, cancel))
        {
            if (refund.PaymentIntent is { } intent && StripeObjects.AccountOf(intent.Metadata) is { } account) yield return refund.ToReturn(intent, account);
        }

        var disputes = new DisputeListOptions { Created = From(since), Limit = PageSize, Expand = ["data.payment_intent"] };
        await foreach (var dispute in EachAsync(stripe.V1.Disputes.ListAutoPagingAsync(disputes, cancellationToken: cancel), each => each, cancel))
        {
            if (dispute.PaymentIntent is { } intent && StripeObjects.AccountOf(intent.Metadata) is { } account && dispute.ToReturn(intent, account) is { } taken) yield return taken;
        }
    }

    /// <summary>By the hour, and only those that begin within: Stripe does not say with one voice whether the end of a window belongs to it.</summary>
    public async Task<IReadOnlyDictionary<LedgerHour, Money>> HoursAsync(string customerId, LedgerHour from, LedgerHour until, CancellationToken cancel)
    {
        var hours = new Dictionary<LedgerHour, Money>();
        if (await catalog.MeterIdAsync(cancel) is not { } meter) return hours;
        var window = new MeterEventSummaryListOptions { Customer = customerId, StartTime = from.Start.UtcDateTime, EndTime = until.Start.UtcDateTime, ValueGroupingWindow = "hour", Limit = PageSize };
        try
        {
            await foreach (var each in EachAsync(stripe.V1.Billing.Meters.EventSummaries.ListAutoPagingAsync(meter, window, cancellationToken: cancel), each => each, cancel))
            {
                var hour = LedgerHour.Of(StripeObjects.Utc(each.StartTime));
                if (hour >= from && hour < until) hours[hour] = hours.GetValueOrDefault(hour) + new Money(decimal.ToInt64(each.AggregatedValue));
            }
        }
        catch (StripeException cause) when (cause.HttpStatusCode == HttpStatusCode.NotFound || cause.StripeError?.Code == "resource_missing")
        {
            // Of a customer that was deleted nothing is counted any more.
        }

        return hours;
    }

    public async Task<IReadOnlyList<InvoicedItem>> ItemsAsync(string customerId, DateTimeOffset since, CancellationToken cancel)
    {
        var items = new List<InvoicedItem>();
        var list = stripe.V1.InvoiceItems.ListAutoPagingAsync(new InvoiceItemListOptions { Customer = customerId, Created = From(since), Limit = PageSize }, cancellationToken: cancel);
        await foreach (var each in EachAsync(list, ToItem, cancel)) items.Add(each);
        return items;
    }

    private static InvoicedItem? ToItem(InvoiceItem item) =>
        item.Metadata is { } metadata && metadata.TryGetValue(StripeUsageCollector.IdentifierKey, out var identifier) && metadata.TryGetValue(StripeUsageCollector.MicrosKey, out var micros)
            ? new(item.Id, identifier, new(long.Parse(micros, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)), StripeObjects.Utc(item.Date))
            : null;
}
