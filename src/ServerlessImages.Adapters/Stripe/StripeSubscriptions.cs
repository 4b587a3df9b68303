using System.Net;
using ServerlessImages.Billing;
using Stripe;
using Stripe.Checkout;
using static ServerlessImages.Stripe.StripeCall;
using Checkout = ServerlessImages.Billing.Checkout;
using Subscription = ServerlessImages.Billing.Subscription;

namespace ServerlessImages.Stripe;

/// <summary>Stripe as the one who sends invoices to accounts that pay later: one subscription each, to the one price of a micro-dollar.</summary>
internal sealed class StripeSubscriptions(StripeClient stripe, StripeCatalog catalog, StripeWebhooks webhooks, TimeProvider clock) : ISubscriptionCollector
{
    private static readonly TimeSpan InvoicesSince = TimeSpan.FromDays(100);

    public Task<Result<UsageCatalog>> SetUpAsync(CancellationToken cancel) => catalog.SetUpAsync(cancel);

    public async Task<Result<Checkout>> CreateSubscriptionCheckoutAsync(SubscriptionOrder order, CancellationToken cancel)
    {
        if (await catalog.PriceIdAsync(cancel) is not { } price) return ApiError.BillingNotSetUp;
        try
        {
            return (await AskAsync(() => stripe.V1.Checkout.Sessions.CreateAsync(Session(order, price), Key(order.IdempotencyKey), cancel), cancel)).ToCheckout()!;
        }
        catch (StripeException cause) when (cause.StripeError?.Type == "idempotency_error")
        {
            return ApiError.IdempotencyKeyReused;
        }
    }

    public async Task<string?> FindAccountAsync(string customerId, CancellationToken cancel) =>
        StripeObjects.AccountOf((await FindAsync(() => stripe.V1.Customers.GetAsync(customerId, cancellationToken: cancel), cancel))?.Metadata);

    public async Task<IReadOnlyList<Subscription>> SubscriptionsAsync(string customerId, CancellationToken cancel)
    {
        var subscriptions = new List<Subscription>();
        var list = stripe.V1.Subscriptions.ListAutoPagingAsync(new SubscriptionListOptions { Customer = customerId, Status = "all", Limit = PageSize }, cancellationToken: cancel);
        await foreach (var each in EachAsync(list, StripeInvoices.ToSubscription, cancel)) subscriptions.Add(each);
        return subscriptions;
    }

    public Task SetThresholdAsync(string subscriptionId, long cents, CancellationToken cancel)
    {
        var update = new SubscriptionUpdateOptions { BillingThresholds = new() { AmountGte = cents, ResetBillingCycleAnchor = false } };
        return AskAsync(() => stripe.V1.Subscriptions.UpdateAsync(subscriptionId, update, cancellationToken: cancel), cancel);
    }

    public async Task CancelAsync(string subscriptionId, bool invoice, CancellationToken cancel)
    {
        try
        {
            await FindAsync(() => stripe.V1.Subscriptions.CancelAsync(subscriptionId, new SubscriptionCancelOptions { InvoiceNow = invoice, Prorate = false }, cancellationToken: cancel), cancel);
        }
        catch (StripeException cause) when (cause.HttpStatusCode == HttpStatusCode.BadRequest)
        {
            // It may have ended already, by our own call whose answer was lost.
            if ((await AskAsync(() => stripe.V1.Subscriptions.GetAsync(subscriptionId, cancellationToken: cancel), cancel)).ToSubscription() is not { IsLive: false }) throw;
        }
    }

    public async Task InvoicePendingAsync(string customerId, CancellationToken cancel)
    {
        // Newest first: while these wait, it is the same invoice that is asked for.
        var waiting = await AskAsync(() => stripe.V1.InvoiceItems.ListAsync(new InvoiceItemListOptions { Customer = customerId, Pending = true, Limit = PageSize }, cancellationToken: cancel), cancel);
        if (waiting.Data.Find(item => item.Metadata?.ContainsKey(StripeUsageCollector.IdentifierKey) == true) is not { } newest) return;

        // The card stood on the subscription, which is no more.
        var invoice = new InvoiceCreateOptions { Customer = customerId, AutoAdvance = true, PendingInvoiceItemsBehavior = "include", Metadata = newest.Metadata };
        if (await stripe.FindCardAsync(customerId, cancel) is { } card) invoice.DefaultPaymentMethod = card;
        await AskAsync(() => stripe.V1.Invoices.CreateAsync(invoice, Key($"invoice-{newest.Id}"), cancel), cancel);
    }

    public Result<CollectorEvent> ReadNotification(ReadOnlySpan<byte> body, string signature) => webhooks.ReadThin(body, signature);

    public async Task<UsageProblem?> FindUsageProblemAsync(string eventId, CancellationToken cancel) =>
        StripeUsageProblems.Of(await FindAsync(() => stripe.V2.Core.Events.GetAsync(eventId, cancellationToken: cancel), cancel));

    /// <summary>What is owed may be older than what is looked through.</summary>
    public async Task<IReadOnlyList<UsageInvoice>> InvoicesAsync(string customerId, CancellationToken cancel)
    {
        var price = await catalog.PriceIdAsync(cancel);
        var invoices = new Dictionary<string, UsageInvoice>(StringComparer.Ordinal);
        InvoiceListOptions[] lists =
        [
            new() { Customer = customerId, Created = From(clock.GetUtcNow() - InvoicesSince), Limit = PageSize },
            new() { Customer = customerId, Status = "open", Limit = PageSize },
            new() { Customer = customerId, Status = "uncollectible", Limit = PageSize },
        ];
        foreach (var list in lists)
        {
            await foreach (var invoice in EachAsync(stripe.V1.Invoices.ListAutoPagingAsync(list, cancellationToken: cancel), each => each, cancel))
            {
                if (invoices.ContainsKey(invoice.Id)) continue;
                if (invoice.ToUsageInvoice(await LinesAsync(invoice, cancel), price, clock.GetUtcNow()) is { } ours) invoices.Add(ours.Id, ours);
            }
        }

        return [.. invoices.Values.OrderBy(each => each.Created)];
    }

    public async Task<IReadOnlyList<InvoiceDocument>> InvoiceDocumentsAsync(string customerId, string? after, int limit, CancellationToken cancel)
    {
        var list = new InvoiceListOptions { Customer = customerId, Limit = limit };
        if (after is not null) list.StartingAfter = after;
        var invoices = (await AskAsync(() => stripe.V1.Invoices.ListAsync(list, cancellationToken: cancel), cancel)).Data;
        var documents = new List<InvoiceDocument>(invoices.Count);
        foreach (var invoice in invoices) documents.Add(await DocumentAsync(invoice, cancel));
        return documents;
    }

    public async Task<InvoiceDocument?> FindInvoiceDocumentAsync(string id, CancellationToken cancel) =>
        await FindAsync(() => stripe.V1.Invoices.GetAsync(id, cancellationToken: cancel), cancel) is { } invoice ? await DocumentAsync(invoice, cancel) : null;

    private async Task<InvoiceDocument> DocumentAsync(Invoice invoice, CancellationToken cancel) =>
        invoice.ToDocument(invoice.ToUsageInvoice(await LinesAsync(invoice, cancel), await catalog.PriceIdAsync(cancel), clock.GetUtcNow()));

    /// <summary>An invoice comes with its first lines only.</summary>
    private async Task<IReadOnlyList<InvoiceLineItem>> LinesAsync(Invoice invoice, CancellationToken cancel)
    {
        if (!invoice.Lines.HasMore) return invoice.Lines.Data;
        var lines = new List<InvoiceLineItem>();
        await foreach (var line in EachAsync(stripe.V1.Invoices.LineItems.ListAutoPagingAsync(invoice.Id, new InvoiceLineItemListOptions { Limit = PageSize }, cancellationToken: cancel), each => each, cancel)) lines.Add(line);
        return lines;
    }

    private static SessionCreateOptions Session(SubscriptionOrder order, string price)
    {
        var metadata = new Dictionary<string, string> { [StripeObjects.AccountKey] = order.AccountId };
        var session = new SessionCreateOptions
        {
            Mode = "subscription",
            Customer = order.CustomerId,
            ClientReferenceId = order.AccountId,
            SuccessUrl = order.SuccessUrl.OriginalString,
            CancelUrl = order.CancelUrl.OriginalString,
            ExpiresAt = order.ExpiresAt.UtcDateTime,

            // Metered: a quantity would be refused. Nothing is due now, and a card is wanted all the same.
            LineItems = [new() { Price = price }],
            PaymentMethodCollection = "always",
            SubscriptionData = new()
            {
                BillingMode = new() { Type = "flexible" },
                BillingCycleAnchor = order.Anchor.UtcDateTime,
                ProrationBehavior = "none",
                Metadata = metadata,
            },
            Metadata = metadata,
        };
        if (!order.AutomaticTax) return session;

        session.AutomaticTax = new() { Enabled = true };
        session.CustomerUpdate = new() { Address = "auto" };
        return session;
    }
}
