using System.Net;
using ServerlessImages.Billing;
using Stripe;
using Stripe.Checkout;
using static ServerlessImages.Stripe.StripeCall;
using Checkout = ServerlessImages.Billing.Checkout;

namespace ServerlessImages.Stripe;

/// <summary>Stripe as the collector of prepaid credit: customers, Checkout, saved cards and webhooks.</summary>
internal sealed class StripeCollector(StripeClient stripe, StripeWebhooks webhooks) : IPaymentCollector
{
    public async Task<string> CreateCustomerAsync(string accountId, string name, string idempotencyKey, CancellationToken cancel)
    {
        var customer = new CustomerCreateOptions { Name = name, Metadata = new() { [StripeObjects.AccountKey] = accountId } };
        return (await AskAsync(() => stripe.V1.Customers.CreateAsync(customer, Key(idempotencyKey), cancel), cancel)).Id;
    }

    public async Task<string?> FindCustomerAsync(string accountId, CancellationToken cancel)
    {
        var query = new CustomerSearchOptions { Query = $"metadata['{StripeObjects.AccountKey}']:'{accountId}'", Limit = PageSize };
        return (await AskAsync(() => stripe.V1.Customers.SearchAsync(query, cancellationToken: cancel), cancel)).Data.FirstOrDefault(StripeCustomers.IsThere)?.Id;
    }

    public async Task<bool> HasCustomerAsync(string customerId, CancellationToken cancel) => await stripe.FindCustomerAsync(customerId, cancel) is not null;

    public async Task<Result<Checkout>> CreateCheckoutAsync(CheckoutOrder order, CancellationToken cancel)
    {
        try
        {
            return (await AskAsync(() => stripe.V1.Checkout.Sessions.CreateAsync(Session(order), Key(order.IdempotencyKey), cancel), cancel)).ToCheckout()!;
        }
        catch (StripeException cause) when (cause.StripeError?.Type == "idempotency_error")
        {
            return ApiError.IdempotencyKeyReused;
        }
    }

    public async Task<Checkout?> FindCheckoutAsync(string id, CancellationToken cancel) =>
        (await FindAsync(() => stripe.V1.Checkout.Sessions.GetAsync(id, cancellationToken: cancel), cancel))?.ToCheckout();

    public IAsyncEnumerable<Checkout> CheckoutsSinceAsync(DateTimeOffset since, CancellationToken cancel)
    {
        var sessions = stripe.V1.Checkout.Sessions.ListAutoPagingAsync(new SessionListOptions { Created = From(since), Limit = PageSize }, cancellationToken: cancel);
        return EachAsync(sessions, StripeObjects.ToCheckout, cancel);
    }

    public async Task<Uri> CreatePortalAsync(string customerId, Uri returnUrl, CancellationToken cancel)
    {
        var portal = new global::Stripe.BillingPortal.SessionCreateOptions { Customer = customerId, ReturnUrl = returnUrl.AbsoluteUri };
        return new((await AskAsync(() => stripe.V1.BillingPortal.Sessions.CreateAsync(portal, cancellationToken: cancel), cancel)).Url);
    }

    public Task<string?> FindCardAsync(string customerId, CancellationToken cancel) => stripe.FindCardAsync(customerId, cancel);

    public async Task<AutomaticPayment> ChargeAsync(AutomaticCharge charge, CancellationToken cancel)
    {
        try
        {
            return (await AskAsync(() => stripe.V1.PaymentIntents.CreateAsync(OffSession(charge), Key(charge.IdempotencyKey), cancel), cancel)).ToAutomaticPayment()!;
        }
        catch (StripeException cause) when (cause.StripeError is { Type: "card_error" or "invalid_request_error" } error && cause.HttpStatusCode is HttpStatusCode.PaymentRequired or HttpStatusCode.BadRequest)
        {
            // Declined; or the card is no longer there.
            return cause.StripeError.PaymentIntent?.ToAutomaticPayment() ?? new(new("", IsPaid: false, charge.AccountId, charge.CustomerId, charge.Cents, 0, Payment.Usd), charge.Attempt, AutomaticPaymentStatus.Declined, error.Code == "resource_missing" ? AutomaticPayment.NoCard : error.DeclineCode ?? error.Code ?? error.Type);
        }
    }

    public async Task<AutomaticPayment?> FindAutomaticPaymentAsync(string customerId, long attempt, DateTimeOffset since, CancellationToken cancel)
    {
        var intents = stripe.V1.PaymentIntents.ListAutoPagingAsync(new PaymentIntentListOptions { Customer = customerId, Created = From(since), Limit = PageSize }, cancellationToken: cancel);
        await foreach (var payment in EachAsync(intents, StripeObjects.ToAutomaticPayment, cancel))
        {
            if (payment.Attempt == attempt) return payment;
        }

        return null;
    }

    public async Task<AutomaticPayment?> FindAutomaticPaymentAsync(string paymentId, CancellationToken cancel) =>
        (await FindAsync(() => stripe.V1.PaymentIntents.GetAsync(paymentId, cancellationToken: cancel), cancel))?.ToAutomaticPayment();

    public async Task<Payment?> FindPaymentAsync(string paymentId, CancellationToken cancel)
    {
        if (await FindAutomaticPaymentAsync(paymentId, cancel) is { } automatic) return automatic.Payment;
        var sessions = await AskAsync(() => stripe.V1.Checkout.Sessions.ListAsync(new SessionListOptions { PaymentIntent = paymentId, Limit = 1 }, cancellationToken: cancel), cancel);
        return sessions.Data.FirstOrDefault()?.ToCheckout()?.Payment;
    }

    public async Task<IReadOnlyList<PaymentReturn>> ReturnsAsync(string paymentId, CancellationToken cancel)
    {
        var intent = await FindAsync(() => stripe.V1.PaymentIntents.GetAsync(paymentId, cancellationToken: cancel), cancel);
        if (intent is null || await AccountOfAsync(intent, cancel) is not { } account) return [];

        var refunds = stripe.V1.Refunds.ListAutoPagingAsync(new RefundListOptions { PaymentIntent = paymentId, Limit = PageSize }, cancellationToken: cancel);
        var disputes = stripe.V1.Disputes.ListAutoPagingAsync(new DisputeListOptions { PaymentIntent = paymentId, Limit = PageSize }, cancellationToken: cancel);
        var returns = new List<PaymentReturn>();
        await foreach (var each in EachAsync(refunds, refund => refund.ToReturn(intent, account), cancel)) returns.Add(each);
        await foreach (var each in EachAsync(disputes, dispute => dispute.ToReturn(intent, account), cancel)) returns.Add(each);
        return returns;
    }

    public async Task RefundAsync(string paymentId, Money amount, string idempotencyKey, CancellationToken cancel)
    {
        var intent = await AskAsync(() => stripe.V1.PaymentIntents.GetAsync(paymentId, cancellationToken: cancel), cancel);
        if (intent.GrossOf(amount) is not (> 0 and var cents)) return;
        var refund = new RefundCreateOptions { PaymentIntent = paymentId, Amount = cents };
        await AskAsync(() => stripe.V1.Refunds.CreateAsync(refund, Key(idempotencyKey), cancel), cancel);
    }

    /// <summary>A payment of an invoice carries nothing of ours, and its customer does. Of credit it is 0: nothing of it is taken back from the ledger.</summary>
    private async Task<string?> AccountOfAsync(PaymentIntent intent, CancellationToken cancel)
    {
        if (StripeObjects.AccountOf(intent.Metadata) is { } account) return account;
        return intent.CustomerId is not { } id ? null : StripeObjects.AccountOf((await FindAsync(() => stripe.V1.Customers.GetAsync(id, cancellationToken: cancel), cancel))?.Metadata);
    }

    public Result<CollectorEvent> ReadEvent(ReadOnlySpan<byte> body, string signature) => webhooks.Read(body, signature);

    public IAsyncEnumerable<CollectorEvent> EventsSinceAsync(DateTimeOffset since, CancellationToken cancel)
    {
        var events = stripe.V1.Events.ListAutoPagingAsync(new EventListOptions { Created = From(since), Types = [.. StripeEvents.Swept], Limit = PageSize }, cancellationToken: cancel);
        return EachAsync(events, StripeWebhooks.Of, cancel);
    }

    private static SessionCreateOptions Session(CheckoutOrder order)
    {
        var metadata = StripeObjects.Metadata(order.AccountId, order.Cents);
        var session = new SessionCreateOptions
        {
            Mode = "payment",
            Customer = order.CustomerId,
            ClientReferenceId = order.AccountId,
            SuccessUrl = order.SuccessUrl.OriginalString,
            CancelUrl = order.CancelUrl.OriginalString,
            LineItems = [new() { Quantity = 1, PriceData = new() { Currency = Payment.Usd, UnitAmount = order.Cents, ProductData = new() { Name = "Prepaid credit" } } }],
            InvoiceCreation = new() { Enabled = true },
            PaymentIntentData = new() { SetupFutureUsage = "off_session", Metadata = metadata },
            Metadata = metadata,
        };
        if (!order.AutomaticTax) return session;

        session.AutomaticTax = new() { Enabled = true };
        session.CustomerUpdate = new() { Address = "auto" };
        return session;
    }

    private static PaymentIntentCreateOptions OffSession(AutomaticCharge charge)
    {
        var metadata = StripeObjects.Metadata(charge.AccountId, charge.Cents);
        metadata[StripeObjects.AttemptKey] = StripeObjects.Text(charge.Attempt);
        return new()
        {
            Amount = charge.Cents,
            Currency = Payment.Usd,
            Customer = charge.CustomerId,
            PaymentMethod = charge.Card,
            AutomaticPaymentMethods = new() { Enabled = true, AllowRedirects = "never" },
            OffSession = true,
            Confirm = true,
            Description = "Prepaid credit, automatic top-up",
            Metadata = metadata,
        };
    }
}
