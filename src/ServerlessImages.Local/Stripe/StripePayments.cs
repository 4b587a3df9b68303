using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Payments while the payer is away, refunds and disputes.</summary>
internal sealed class StripePayments(StripeState state, StripeEvents events, StripeCards cards)
{
    /// <returns>The intent; its decline code or null.</returns>
    public (JsonObject Intent, string? Declined) Charge(StripeFields fields)
    {
        if (state.Find("payment_method", fields.Required("payment_method")) is not { } method) throw StripeError.Invalid($"No such PaymentMethod: '{fields.Required("payment_method")}'", "payment_method", "resource_missing");
        if (method.Text("customer") != fields.Required("customer")) throw StripeError.Invalid("The payment method belongs to another customer.", "payment_method");
        if (!fields.Flag("confirm") || !fields.Flag("off_session")) throw StripeError.NotEmulated("intents but those that are confirmed off session", "confirm");
        var (amount, currency) = (fields.RequiredNumber("amount"), fields.Required("currency"));
        var intent = cards.Intent(amount, currency, fields.Required("customer"), method.Text("id"), fields.Map("metadata"));
        return (intent, cards.Charge(intent));
    }

    public JsonObject Refund(string intentId, long? amount)
    {
        var intent = Paid(intentId);
        var refund = state.New("refund", "re");
        refund["payment_intent"] = intentId;
        refund["charge"] = intent.Text("latest_charge");
        refund["amount"] = amount ?? intent.Number("amount");
        refund["currency"] = intent.Text("currency");
        state.Add(refund);
        var charge = state.Get("charge", intent.Text("latest_charge"));
        charge["amount_refunded"] = charge.Number("amount_refunded") + refund.Number("amount");
        charge["refunded"] = charge.Number("amount_refunded") >= charge.Number("amount");
        events.Happened("refund.created", refund);
        events.Happened("charge.refunded", charge);
        return refund;
    }

    public JsonObject Dispute(string intentId)
    {
        var intent = Paid(intentId);
        var dispute = state.New("dispute", "du");
        dispute["payment_intent"] = intentId;
        dispute["charge"] = intent.Text("latest_charge");
        dispute["amount"] = intent.Number("amount");
        dispute["currency"] = intent.Text("currency");
        state.Add(dispute);
        state.Get("charge", intent.Text("latest_charge"))["disputed"] = true;
        events.Happened("charge.dispute.created", dispute);
        return dispute;
    }

    public bool SetStatus(string type, string id, string status, string happened)
    {
        var about = state.Get(type, id);
        about["status"] = status;
        events.Happened(happened, about);
        return true;
    }

    private JsonObject Paid(string intentId) => state.Get("payment_intent", intentId) is var intent && intent.Text("status") == "succeeded" ? intent : throw StripeError.Missing("payment_intent", intentId);
}
