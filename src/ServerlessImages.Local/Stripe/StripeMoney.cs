using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Payments, refunds and disputes of the emulated Stripe: each change is one step, and returns the events that it makes.</summary>
internal sealed class StripeMoney(StripeState state)
{
    /// <summary>The payer has chosen how to pay on a checkout's page.</summary>
    /// <returns>The session, or null if the card was declined.</returns>
    public (JsonObject? Session, IReadOnlyList<JsonObject> Events) Pay(string sessionId, StripeTestCard card) => state.Change<(JsonObject?, IReadOnlyList<JsonObject>)>(objects =>
    {
        var session = objects[sessionId];
        if (Text(session, "status") != "open") throw StripeError.Invalid("This session is no longer open.", "session");
        if (card.DeclinedAtOnce is not null) return (null, []);

        var method = state.New("payment_method", "pm");
        method["type"] = card.IsSlow ? "us_bank_account" : "card";
        method["customer"] = session["customer"]!.DeepClone();
        method["card"] = new JsonObject { ["brand"] = "visa", ["last4"] = card.Last4, ["exp_month"] = 12, ["exp_year"] = 2034 };
        var intent = Intent(session["amount_total"]!.GetValue<long>(), Text(session, "customer"), Text(method, "id"), session["metadata"]!.AsObject());
        intent["status"] = card.IsSlow ? "processing" : "succeeded";
        Add(objects, method, intent);
        session["payment_intent"] = Text(intent, "id");
        session["status"] = "complete";
        session["payment_status"] = card.IsSlow ? "unpaid" : "paid";
        IReadOnlyList<JsonObject> events = card.IsSlow ? [Event(objects, "checkout.session.completed", session)] : [Event(objects, "payment_intent.succeeded", intent), Event(objects, "checkout.session.completed", session)];
        return (StripeState.Copy(session), events);
    });

    /// <summary>The money of a bank debit has come, or has not.</summary>
    public IReadOnlyList<JsonObject> Arrive(string sessionId, bool succeeded) => state.Change<IReadOnlyList<JsonObject>>(objects =>
    {
        var session = objects[sessionId];
        var intent = objects[Text(session, "payment_intent")];
        intent["status"] = succeeded ? "succeeded" : "requires_payment_method";
        if (succeeded) session["payment_status"] = "paid";
        return [Event(objects, succeeded ? "payment_intent.succeeded" : "payment_intent.payment_failed", intent), Event(objects, succeeded ? "checkout.session.async_payment_succeeded" : "checkout.session.async_payment_failed", session)];
    });

    /// <summary>A saved card is charged while its owner is away.</summary>
    /// <returns>The intent, and the decline code or null.</returns>
    public (JsonObject Intent, string? Declined, IReadOnlyList<JsonObject> Events) Charge(StripeFields fields) => state.Change<(JsonObject, string?, IReadOnlyList<JsonObject>)>(objects =>
    {
        if (!objects.TryGetValue(fields.Required("payment_method"), out var method)) throw StripeError.NotThere("PaymentMethod", fields.Required("payment_method"), "payment_method");
        if (Text(method, "customer") != fields.Required("customer")) throw StripeError.Invalid("The payment method belongs to another customer.", "payment_method");
        if (!fields.Flag("confirm") || !fields.Flag("off_session")) throw StripeError.Invalid("The emulator knows intents that are confirmed off session only.", "confirm");

        var declined = StripeTestCard.OfLast4(Text(method["card"]!.AsObject(), "last4")).DeclinedLater;
        var intent = Intent(fields.Number("amount") ?? throw StripeError.Invalid("Missing required param: amount.", "amount"), fields.Required("customer"), Text(method, "id"), fields.Map("metadata"));
        intent["currency"] = fields.Required("currency");
        intent["status"] = declined is null ? "succeeded" : "requires_payment_method";
        if (declined is not null) intent["last_payment_error"] = new JsonObject { ["type"] = "card_error", ["code"] = CodeOf(declined), ["decline_code"] = declined, ["message"] = "Your card was declined." };
        Add(objects, intent);
        return (StripeState.Copy(intent), declined, [Event(objects, declined is null ? "payment_intent.succeeded" : "payment_intent.payment_failed", intent)]);
    });

    public (JsonObject Refund, IReadOnlyList<JsonObject> Events) Refund(string intentId, long? amount) => state.Change<(JsonObject, IReadOnlyList<JsonObject>)>(objects =>
    {
        var intent = Paid(objects, intentId);
        var refund = state.New("refund", "re");
        refund["payment_intent"] = intentId;
        refund["charge"] = Text(intent, "latest_charge");
        refund["amount"] = amount ?? intent["amount"]!.GetValue<long>();
        refund["currency"] = Text(intent, "currency");
        refund["status"] = "succeeded";
        Add(objects, refund);
        var charge = new JsonObject { ["id"] = Text(intent, "latest_charge"), ["object"] = "charge", ["payment_intent"] = intentId, ["amount"] = intent["amount"]!.DeepClone(), ["metadata"] = intent["metadata"]!.DeepClone() };
        return (StripeState.Copy(refund), [Event(objects, "refund.created", refund), Event(objects, "charge.refunded", charge)]);
    });

    /// <summary>A refund did not reach the payer's bank.</summary>
    public IReadOnlyList<JsonObject> FailRefund(string id) => SetStatus(id, "failed", "refund.failed");

    public (string Id, IReadOnlyList<JsonObject> Events) Dispute(string intentId) => state.Change<(string, IReadOnlyList<JsonObject>)>(objects =>
    {
        var intent = Paid(objects, intentId);
        var dispute = state.New("dispute", "du");
        dispute["payment_intent"] = intentId;
        dispute["charge"] = Text(intent, "latest_charge");
        dispute["amount"] = intent["amount"]!.DeepClone();
        dispute["currency"] = Text(intent, "currency");
        dispute["status"] = "needs_response";
        Add(objects, dispute);
        return (Text(dispute, "id"), [Event(objects, "charge.dispute.created", dispute)]);
    });

    public IReadOnlyList<JsonObject> CloseDispute(string id, bool won) => SetStatus(id, won ? "won" : "lost", "charge.dispute.closed");

    /// <summary>Writes down that something happened, as the object is now.</summary>
    public JsonObject Event(OrderedDictionary<string, JsonObject> objects, string type, JsonObject about)
    {
        var happened = state.New("event", "evt");
        happened["api_version"] = StripeEmulator.ApiVersion;
        happened["type"] = type;
        happened["pending_webhooks"] = 1;
        happened["data"] = new JsonObject { ["object"] = about.DeepClone() };
        Add(objects, happened);
        return StripeState.Copy(happened);
    }

    public static string Text(JsonObject json, string name) => json[name]?.GetValue<string>() ?? "";

    public static string CodeOf(string declineCode) => declineCode == "authentication_required" ? declineCode : "card_declined";

    private IReadOnlyList<JsonObject> SetStatus(string id, string status, string type) => state.Change<IReadOnlyList<JsonObject>>(objects =>
    {
        objects[id]["status"] = status;
        return [Event(objects, type, objects[id])];
    });

    private JsonObject Intent(long amount, string customer, string method, JsonObject metadata)
    {
        var intent = state.New("payment_intent", "pi");
        intent["amount"] = amount;
        intent["currency"] = "usd";
        intent["customer"] = customer;
        intent["payment_method"] = method;
        intent["latest_charge"] = StripeState.NewId("ch");
        intent["metadata"] = metadata.DeepClone();
        return intent;
    }

    private static JsonObject Paid(OrderedDictionary<string, JsonObject> objects, string intentId) =>
        objects.TryGetValue(intentId, out var intent) && Text(intent, "status") == "succeeded" ? intent : throw StripeError.Missing("payment_intent", intentId);

    private static void Add(OrderedDictionary<string, JsonObject> objects, params ReadOnlySpan<JsonObject> added)
    {
        foreach (var each in added) objects[Text(each, "id")] = each;
    }
}
