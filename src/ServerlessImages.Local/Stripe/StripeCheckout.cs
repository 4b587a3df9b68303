using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Checkout Sessions: a page on which something is bought once, or subscribed to.</summary>
internal sealed class StripeCheckout(StripeState state, StripeEvents events, StripeCards cards, StripeSubscriptions subscriptions, StripePurchases purchases)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>A page that nobody paid on in time.</summary>
    public IEnumerable<StripeDue> Dues() => state.All("checkout.session").Where(each => each.Text("status") == "open").Select(each => new StripeDue(each.Number("expires_at"), () => Expire(each)));

    public JsonObject Create(StripeFields fields)
    {
        if (fields.Has("discounts")) throw StripeError.NotEmulated("discounts", "discounts");
        state.Get("customer", fields.Required("customer"));
        var session = state.New("checkout.session", "cs_test");
        session["mode"] = fields.Required("mode");
        session["customer"] = fields.Required("customer");
        session["client_reference_id"] = fields.Text("client_reference_id");
        session["success_url"] = fields.Required("success_url");
        session["cancel_url"] = fields.Text("cancel_url");
        session["metadata"] = fields.Map("metadata");
        session["expires_at"] = Expiry(fields);
        if (session.Text("mode") == "payment") OneOff(session, fields);
        else if (session.Text("mode") == "subscription") Subscription(session, fields);
        else throw StripeError.NotEmulated("modes but payment and subscription", "mode");
        return state.Add(session);
    }

    /// <summary>The payer has chosen how to pay.</summary>
    /// <returns>False if the card was declined.</returns>
    public bool Complete(string id, StripeTestCard card)
    {
        var session = state.Get("checkout.session", id);
        if (session.Text("status") != "open") throw StripeError.Invalid("This session is no longer open.", "session");
        if (card.DeclinedAtOnce is not null) return false;
        if (card.IsSlow && session.Text("mode") == "subscription") throw StripeError.Invalid("The emulator subscribes with cards only.", "card");

        var method = cards.Save(session.Text("customer"), card);
        session["status"] = "complete";
        if (session.Text("mode") == "subscription") Subscribe(session, method);
        else Pay(session, method, card);
        events.Happened("checkout.session.completed", session);
        return true;
    }

    /// <summary>The money of a bank debit has come, or has not.</summary>
    public bool Arrive(string id, bool succeeded)
    {
        var session = state.Get("checkout.session", id);
        var intent = state.Get("payment_intent", session.Text("payment_intent"));
        if (succeeded)
        {
            cards.Succeed(intent);
            session["payment_status"] = "paid";
            purchases.Settle(session);
        }
        else
        {
            intent["status"] = "requires_payment_method";
            events.Happened("payment_intent.payment_failed", intent);
        }

        events.Happened(succeeded ? "checkout.session.async_payment_succeeded" : "checkout.session.async_payment_failed", session);
        return true;
    }

    public JsonObject Expire(string id)
    {
        var session = state.Get("checkout.session", id);
        if (session.Text("status") != "open") throw StripeError.Invalid("Only Checkout Sessions with a status in [\"open\"] can be expired.", "session");
        Expire(session);
        return session;
    }

    private void Expire(JsonObject session)
    {
        session["status"] = "expired";
        events.Happened("checkout.session.expired", session);
    }

    /// <summary>From 30 minutes to 24 hours.</summary>
    private long Expiry(StripeFields fields)
    {
        var expiry = fields.Number("expires_at") ?? state.Now + (long)Lifetime.TotalSeconds;
        return expiry >= state.Now + 1_800 && expiry <= state.Now + (long)Lifetime.TotalSeconds ? expiry : throw StripeError.Invalid("The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.", "expires_at");
    }

    private static void OneOff(JsonObject session, StripeFields fields)
    {
        var items = fields.Each("line_items");
        if (items is not [var item]) throw StripeError.NotEmulated("payments but those of one line", "line_items");
        var amount = item.RequiredNumber("price_data[unit_amount]") * (item.Number("quantity") ?? 1);
        if (amount is not (>= 50 and <= 99_999_999)) throw StripeError.Invalid("Amount must be at least $0.50 usd and no more than $999,999.99.", "line_items[0][price_data][unit_amount]");
        session["currency"] = item.Required("price_data[currency]");
        session["amount_subtotal"] = amount;
        session["amount_total"] = amount;
        session["total_details"] = new JsonObject { ["amount_discount"] = 0, ["amount_shipping"] = 0, ["amount_tax"] = 0 };
        session["_metadata"] = fields.Map("payment_intent_data[metadata]");
        if (!fields.Flag("invoice_creation[enabled]")) return;
        session["invoice_creation"] = StripePurchases.InvoiceCreation(fields);
        session["_what"] = item.Text("price_data[product_data][name]") ?? "";
    }

    /// <summary>Metered: nothing is due on the page.</summary>
    private void Subscription(JsonObject session, StripeFields fields)
    {
        subscriptions.Check(fields);
        session["currency"] = "usd";
        session["amount_subtotal"] = 0;
        session["amount_total"] = 0;
        session["payment_method_collection"] = fields.Choice("payment_method_collection", "always", "always", "if_required");
        session["_prices"] = new JsonArray([.. fields.Each("line_items").Select(each => (JsonNode)each.Required("price"))]);
        session["_anchor"] = fields.Number("subscription_data[billing_cycle_anchor]");
        session["_metadata"] = fields.Map("subscription_data[metadata]");
    }

    private void Subscribe(JsonObject session, JsonObject method)
    {
        var prices = session["_prices"]!.AsArray().Select(each => each!.GetValue<string>());
        var subscription = subscriptions.Create(session.Text("customer"), [.. prices], session["_anchor"]?.GetValue<long>(), session.Object("_metadata"), method.Text("id"));
        session["subscription"] = subscription.Text("id");
        session["payment_status"] = "no_payment_required";
    }

    private void Pay(JsonObject session, JsonObject method, StripeTestCard card)
    {
        var intent = cards.Intent(session.Number("amount_total"), session.Text("currency"), session.Text("customer"), method.Text("id"), session.Object("_metadata"));
        session["payment_intent"] = intent.Text("id");
        if (session["invoice_creation"] is not null) session["invoice"] = purchases.Invoice(session, intent).Text("id");
        intent["status"] = "processing";
        if (card.IsSlow) return;

        cards.Succeed(intent);
        session["payment_status"] = "paid";
        purchases.Settle(session);
    }
}
