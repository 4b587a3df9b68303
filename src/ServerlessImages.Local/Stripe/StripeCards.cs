using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Saved cards, and charging them.</summary>
internal sealed class StripeCards(StripeState state, StripeEvents events)
{
    /// <summary>Saves a card, as its owner does at a page.</summary>
    public JsonObject Save(string customer, StripeTestCard card)
    {
        var method = state.New("payment_method", "pm");
        method["customer"] = customer;
        method["type"] = card.IsSlow ? "us_bank_account" : "card";
        method["_number"] = card.Number;
        if (!card.IsSlow) method["card"] = Card(card);
        state.Add(method);
        events.Happened("payment_method.attached", method);
        return method;
    }

    /// <summary>Makes a card the one that a customer's invoices are paid with.</summary>
    public void MakeDefault(JsonObject customer, string method)
    {
        if (method.Length > 0 && state.Get("payment_method", method).Text("customer") != customer.Text("id")) throw StripeError.Invalid("The payment method belongs to another customer.", "invoice_settings[default_payment_method]");
        customer.Object("invoice_settings")["default_payment_method"] = method.Length > 0 ? method : null;
    }

    public JsonObject Intent(long amount, string currency, string customer, string method, JsonObject metadata)
    {
        var intent = state.New("payment_intent", "pi");
        intent["amount"] = amount;
        intent["currency"] = currency;
        intent["customer"] = customer;
        intent["payment_method"] = method;
        intent["client_secret"] = intent.Text("id") + "_secret_emulated";
        intent["metadata"] = metadata.DeepClone();
        intent["status"] = "requires_payment_method";
        return state.Add(intent);
    }

    /// <summary>Charges the intent's card while its owner is away.</summary>
    /// <returns>The decline code, or null.</returns>
    public string? Charge(JsonObject intent)
    {
        var declined = CardOf(state.Get("payment_method", intent.Text("payment_method"))).DeclinedLater;
        if (declined is null)
        {
            Succeed(intent);
            return null;
        }

        intent["status"] = "requires_payment_method";
        intent["last_payment_error"] = new JsonObject { ["type"] = "card_error", ["code"] = CodeOf(declined), ["decline_code"] = declined, ["message"] = "Your card was declined." };
        events.Happened("payment_intent.payment_failed", intent);
        return declined;
    }

    public void Succeed(JsonObject intent)
    {
        var charge = state.New("charge", "ch");
        foreach (var name in (string[])["amount", "currency", "customer", "payment_method"]) charge[name] = intent[name]?.DeepClone();
        charge["amount_captured"] = intent.Number("amount");
        charge["payment_intent"] = intent.Text("id");
        charge["metadata"] = intent.Object("metadata").DeepClone();
        state.Add(charge);
        intent["status"] = "succeeded";
        intent["amount_received"] = intent.Number("amount");
        intent["latest_charge"] = charge.Text("id");
        intent["last_payment_error"] = null;
        events.Happened("payment_intent.succeeded", intent);
    }

    public static StripeTestCard CardOf(JsonObject method) => StripeTestCard.Of(method.Text("_number"));

    public static string CodeOf(string declineCode) => declineCode == "authentication_required" ? declineCode : "card_declined";

    private static JsonObject Card(StripeTestCard card) => new()
    {
        ["brand"] = "visa",
        ["checks"] = null,
        ["country"] = "US",
        ["display_brand"] = "visa",
        ["exp_month"] = 12,
        ["exp_year"] = 2034,
        ["funding"] = "credit",
        ["generated_from"] = null,
        ["last4"] = card.Last4,
        ["networks"] = null,
        ["regulated_status"] = null,
        ["three_d_secure_usage"] = null,
        ["wallet"] = null,
    };
}
