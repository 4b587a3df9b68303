using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>The calls of Stripe's API that are emulated.</summary>
internal sealed class StripeCalls(StripeState state, StripeView view, StripeLists lists, StripeCustomers customers, StripeCheckout checkout, StripePayments payments)
{
    /// <exception cref="StripeError">The answer is an error.</exception>
    public JsonObject Answer(string method, string path, StripeFields fields)
    {
        var answer = (path.StartsWith("/v2/", StringComparison.Ordinal) ? V2(method, path, fields) : null)
            ?? Paying(method, path, fields)
            ?? throw StripeError.NoRoute($"{method}: {path}");
        return view.Expanded(answer, fields.List("expand"));
    }

    private JsonObject? Paying(string method, string path, StripeFields fields) => (method, path.Split('/')) switch
    {
        ("POST", ["", "v1", "customers"]) => view.Shown(customers.Create(fields)),
        ("GET", ["", "v1", "customers"]) => lists.Of("customer", path, fields),
        ("GET", ["", "v1", "customers", "search"]) => lists.Search("customer", path, fields),
        ("GET", ["", "v1", "customers", var id]) => Shown("customer", id),
        ("POST", ["", "v1", "customers", var id]) => view.Shown(customers.Update(id, fields)),
        ("DELETE", ["", "v1", "customers", var id]) => customers.Delete(id),
        ("GET", ["", "v1", "payment_methods"]) => lists.Of("payment_method", path, fields),
        ("GET", ["", "v1", "payment_methods", var id]) => Shown("payment_method", id),
        ("POST", ["", "v1", "checkout", "sessions"]) => view.Shown(checkout.Create(fields)),
        ("GET", ["", "v1", "checkout", "sessions"]) => lists.Of("checkout.session", path, fields, each => fields.Text("status") is not { } status || each.Text("status") == status),
        ("GET", ["", "v1", "checkout", "sessions", var id]) => Shown("checkout.session", id),
        ("POST", ["", "v1", "checkout", "sessions", var id, "expire"]) => view.Shown(checkout.Expire(id)),
        ("POST", ["", "v1", "billing_portal", "sessions"]) => Portal(fields),
        ("POST", ["", "v1", "payment_intents"]) => Charge(fields),
        ("GET", ["", "v1", "payment_intents"]) => lists.Of("payment_intent", path, fields),
        ("GET", ["", "v1", "payment_intents", var id]) => Shown("payment_intent", id),
        ("GET", ["", "v1", "charges", var id]) => Shown("charge", id),
        ("POST", ["", "v1", "refunds"]) => view.Shown(payments.Refund(fields.Required("payment_intent"), fields.Number("amount"))),
        ("GET", ["", "v1", "refunds"]) => lists.Of("refund", path, fields),
        ("GET", ["", "v1", "refunds", var id]) => Shown("refund", id),
        ("GET", ["", "v1", "disputes"]) => lists.Of("dispute", path, fields),
        ("GET", ["", "v1", "disputes", var id]) => Shown("dispute", id),
        ("GET", ["", "v1", "events"]) => Events(path, fields),
        ("GET", ["", "v1", "events", var id]) => Shown("event", id),
        _ => null,
    };

    private JsonObject? V2(string method, string path, StripeFields fields) => (method, path.Split('/')) switch
    {
        ("GET", ["", "v2", "core", "events"]) => lists.OfThinEvents(fields),
        ("GET", ["", "v2", "core", "events", var id]) => state.Get(StripeEvents.ThinType, id).Copy(),
        _ => null,
    };

    private JsonObject Shown(string type, string id) => view.Shown(state.Get(type, id));

    private JsonObject Events(string path, StripeFields fields)
    {
        var types = fields.List("types");
        return lists.Of("event", path, fields, each => types.Count == 0 || types.Contains(each.Text("type")));
    }

    private JsonObject Portal(StripeFields fields)
    {
        state.Get("customer", fields.Required("customer"));
        var portal = state.New("billing_portal.session", "bps");
        portal["customer"] = fields.Required("customer");
        portal["return_url"] = fields.Text("return_url");
        portal["url"] = view.At($"/p/session/{portal.Text("id")}");
        return view.Shown(state.Add(portal));
    }

    private JsonObject Charge(StripeFields fields)
    {
        var (intent, declined) = payments.Charge(fields);
        return declined is null ? view.Shown(intent) : throw StripeError.Card(StripeCards.CodeOf(declined), declined, view.Shown(intent));
    }
}
