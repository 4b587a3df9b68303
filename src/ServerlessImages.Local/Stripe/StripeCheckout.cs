using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Checkout Sessions: a page on which something is bought once.</summary>
internal sealed class StripeCheckout(StripeState state, StripeEvents events, StripeCards cards)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>A page that nobody paid on in time.</summary>
    public IEnumerable<StripeDue> Dues() => state.All("checkout.session").Where(each => each.Text("status") == "open").Select(each => new StripeDue(each.Number("expires_at"), () => Expire(each)));

    public JsonObject Create(StripeFields fields)
    {
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
        else throw StripeError.NotEmulated("modes but payment", "mode");
        return state.Add(session);
    }

    /// <summary>The payer has chosen how to pay.</summary>
    /// <returns>False if the card was declined.</returns>
    public bool Complete(string id, StripeTestCard card)
    {
        var session = state.Get("checkout.session", id);
        if (session.Text("status") != "open") throw StripeError.Invalid("This session is no longer open.", "session");
        if (card.DeclinedAtOnce is not null) return false;

        var method = cards.Save(session.Text("customer"), card);
        session["status"] = "complete";
        Pay(session, method, card);
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
            Paid(session);
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
        session["_what"] = item.Text("price_data[product_data][name]") ?? "";
        session["_metadata"] = fields.Map("payment_intent_data[metadata]");
    }

    private void Pay(JsonObject session, JsonObject method, StripeTestCard card)
    {
        var intent = cards.Intent(session.Number("amount_total"), session.Text("currency"), session.Text("customer"), method.Text("id"), session.Object("_metadata"));
        session["payment_intent"] = intent.Text("id");
        if (card.IsSlow)
        {
            intent["status"] = "processing";
            return;
        }

        cards.Succeed(intent);
        Paid(session);
    }

    private static void Paid(JsonObject session) => session["payment_status"] = "paid";
}
