using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>What becomes of a subscription whose invoice was not paid by the last retry.</summary>
public enum StripeAfterRetries
{
    Unpaid,
    Canceled,
    PastDue,
}

/// <summary>Invoices from the day that they are final: paid with the saved card, tried again, given up, paid after all.</summary>
internal sealed class StripeCollection(StripeState state, StripeEvents events, StripeCards cards, StripeEmulatorOptions options)
{
    /// <summary>Ends a subscription that nobody pays for.</summary>
    public Action<JsonObject> Cancel { get; set; } = _ => { };

    public IEnumerable<StripeDue> Dues() => state.All("invoice").Where(each => each.Text("status") == "open" && each["next_payment_attempt"] is not null)
        .Reverse().Select(each => new StripeDue(each.Number("next_payment_attempt"), () => Retry(each)));

    /// <summary>The first attempt, as soon as it is final.</summary>
    public void Begin(JsonObject invoice)
    {
        if (invoice.Number("amount_due") == 0) Settle(invoice);
        else if (invoice["_session"] is null) Attempt(invoice);
    }

    public JsonObject Pay(string id, StripeFields fields)
    {
        var invoice = state.Get("invoice", id);
        if (invoice.Text("status") is not ("open" or "uncollectible")) throw StripeError.Invalid($"Invoice is {invoice.Text("status")}.", "invoice", "invoice_not_payable");
        if (fields.Flag("paid_out_of_band")) Settle(invoice);
        else if (Attempt(invoice, fields.Text("payment_method")) is { } declined) throw StripeError.Card(StripeCards.CodeOf(declined), declined, state.Get("payment_intent", invoice.Text("_intent")));
        return invoice;
    }

    public JsonObject Void(string id) => Close(id, "void", "voided_at", "invoice.voided");

    public JsonObject MarkUncollectible(string id) => Close(id, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible");

    /// <summary>Paid, with an intent or without any.</summary>
    public void Settle(JsonObject invoice)
    {
        invoice["status"] = "paid";
        invoice["amount_paid"] = invoice.Number("amount_due");
        invoice["amount_remaining"] = 0;
        invoice["attempted"] = true;
        invoice["auto_advance"] = false;
        invoice["next_payment_attempt"] = null;
        invoice.Object("status_transitions")["paid_at"] = state.Now;
        foreach (var payment in state.All("invoice_payment").Where(each => each.Text("invoice") == invoice.Text("id")))
        {
            payment["status"] = "paid";
            payment["amount_paid"] = invoice.Number("amount_due");
            payment.Object("status_transitions")["paid_at"] = state.Now;
        }

        events.Happened("invoice.paid", invoice);
        events.Happened("invoice.payment_succeeded", invoice);
        Reinstate(invoice);
    }

    /// <summary>Links an invoice to the intent that pays it.</summary>
    public void Link(JsonObject invoice, JsonObject intent)
    {
        var payment = state.New("invoice_payment", "inpay");
        payment["invoice"] = invoice.Text("id");
        payment["amount_requested"] = invoice.Number("amount_due");
        payment["payment"] = new JsonObject { ["type"] = "payment_intent", ["payment_intent"] = intent.Text("id") };
        invoice["_intent"] = intent.Text("id");
        state.Add(payment);
    }

    public JsonObject? SubscriptionOf(JsonObject invoice) => invoice["parent"]?["subscription_details"]?["subscription"]?.GetValue<string>() is { } id ? state.Find("subscription", id) : null;

    /// <returns>Why it was declined, or null.</returns>
    private string? Attempt(JsonObject invoice, string? chosen = null)
    {
        var method = chosen ?? MethodOf(invoice);
        var intent = IntentOf(invoice, method);
        invoice["attempted"] = true;
        invoice["attempt_count"] = invoice.Number("attempt_count") + 1;
        var declined = method.Length == 0 ? "no_payment_method" : cards.Charge(intent);
        invoice["_declined"] = declined == "authentication_required" ? method : null;
        if (declined is null) Settle(invoice);
        else Fail(invoice, intent, declined);
        return declined;
    }

    private void Fail(JsonObject invoice, JsonObject intent, string declined)
    {
        if (declined == "authentication_required") intent["status"] = "requires_action";
        Postpone(invoice);
        events.Happened("invoice.payment_failed", invoice);
        if (declined == "authentication_required") events.Happened("invoice.payment_action_required", invoice);
        SetStatus(SubscriptionOf(invoice), invoice["next_payment_attempt"] is null ? null : "past_due");
        if (invoice["next_payment_attempt"] is null) GiveUp(invoice);
    }

    /// <summary>A card whose bank wants its owner is not asked again; another card is. Source: docs.stripe.com/billing/revenue-recovery/smart-retries.</summary>
    private void Retry(JsonObject invoice)
    {
        if (invoice.Text("_declined") is not { Length: > 0 } hopeless || hopeless != MethodOf(invoice))
        {
            Attempt(invoice);
            return;
        }

        Postpone(invoice);
        if (invoice["next_payment_attempt"] is null) GiveUp(invoice);
    }

    private void Postpone(JsonObject invoice)
    {
        var tries = (int)invoice.Number("_tries");
        invoice["_tries"] = tries + 1;
        invoice["next_payment_attempt"] = tries < options.PaymentRetries.Count && SubscriptionOf(invoice) is not null ? state.Now + (long)options.PaymentRetries[tries].TotalSeconds : null;
    }

    private void GiveUp(JsonObject invoice)
    {
        if (SubscriptionOf(invoice) is not { } subscription || subscription.Text("status") == "canceled") return;
        if (options.AfterRetries == StripeAfterRetries.Canceled) Cancel(subscription);
        else SetStatus(subscription, options.AfterRetries == StripeAfterRetries.Unpaid ? "unpaid" : "past_due");
    }

    private JsonObject Close(string id, string status, string transition, string happened)
    {
        var invoice = state.Get("invoice", id);
        if (invoice.Text("status") is not ("open" or "uncollectible") || invoice.Text("status") == status) throw StripeError.Invalid($"You can only pass in open invoices. This invoice isn't open: it is {invoice.Text("status")}.", "invoice");
        invoice["status"] = status;
        invoice["next_payment_attempt"] = null;
        invoice["auto_advance"] = false;
        invoice.Object("status_transitions")[transition] = state.Now;
        events.Happened(happened, invoice);
        Reinstate(invoice);
        return invoice;
    }

    /// <summary>A subscription is active again when none of its invoices waits for its money.</summary>
    private void Reinstate(JsonObject closed)
    {
        if (SubscriptionOf(closed) is not { } subscription || subscription.Text("status") is not ("past_due" or "unpaid")) return;
        if (!state.All("invoice").Any(each => each.Text("status") == "open" && SubscriptionOf(each) == subscription)) SetStatus(subscription, "active");
    }

    private void SetStatus(JsonObject? subscription, string? status)
    {
        if (subscription is null || status is null || subscription.Text("status") == status || subscription.Text("status") == "canceled") return;
        subscription["status"] = status;
        events.Happened("customer.subscription.updated", subscription);
    }

    private string MethodOf(JsonObject invoice)
    {
        if (invoice.Text("default_payment_method") is { Length: > 0 } named) return named;
        if (SubscriptionOf(invoice)?.Text("default_payment_method") is { Length: > 0 } own) return own;
        return state.Find("customer", invoice.Text("customer"))?.Object("invoice_settings").Text("default_payment_method") ?? "";
    }

    private JsonObject IntentOf(JsonObject invoice, string method)
    {
        if (state.Find("payment_intent", invoice.Text("_intent")) is { } known)
        {
            known["payment_method"] = method.Length > 0 ? method : null;
            return known;
        }

        var intent = cards.Intent(invoice.Number("amount_due"), invoice.Text("currency"), invoice.Text("customer"), method, []);
        if (method.Length == 0) intent["payment_method"] = null;
        Link(invoice, intent);
        return intent;
    }
}
