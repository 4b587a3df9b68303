using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ServerlessImages.Local.Stripe;

/// <summary>The calls of Stripe's API that the product makes.</summary>
internal sealed partial class StripeCalls(StripeState state, StripeMoney money, Action<IReadOnlyList<JsonObject>> announce, Func<Uri> endpoint)
{
    private const int PageSize = 10;
    private const int PageSizeMax = 100;
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(24);

    /// <exception cref="StripeError">The answer is an error.</exception>
    public JsonObject Answer(string method, string path, StripeFields fields) => (method, path.Split('/')) switch
    {
        ("POST", ["", "v1", "customers"]) => CreateCustomer(fields),
        ("GET", ["", "v1", "customers", "search"]) => Search(fields),
        ("GET", ["", "v1", "customers", var id]) => Found("customer", id),
        ("GET", ["", "v1", "payment_methods"]) => List("payment_method", path, fields),
        ("POST", ["", "v1", "checkout", "sessions"]) => Shown(CreateSession(fields)),
        ("GET", ["", "v1", "checkout", "sessions"]) => List("checkout.session", path, fields),
        ("GET", ["", "v1", "checkout", "sessions", var id]) => Shown(Found("checkout.session", id)),
        ("POST", ["", "v1", "billing_portal", "sessions"]) => Portal(fields),
        ("POST", ["", "v1", "payment_intents"]) => Charge(fields),
        ("GET", ["", "v1", "payment_intents"]) => List("payment_intent", path, fields),
        ("GET", ["", "v1", "payment_intents", var id]) => Found("payment_intent", id),
        ("POST", ["", "v1", "refunds"]) => Refund(fields),
        ("GET", ["", "v1", "refunds"]) => List("refund", path, fields),
        ("GET", ["", "v1", "disputes"]) => List("dispute", path, fields),
        ("GET", ["", "v1", "events"]) => List("event", path, fields),
        _ => throw StripeError.NoRoute($"{method}: {path}"),
    };

    private JsonObject CreateCustomer(StripeFields fields)
    {
        var customer = state.New("customer", "cus");
        customer["name"] = fields.Text("name");
        customer["metadata"] = fields.Map("metadata");
        customer["invoice_settings"] = new JsonObject { ["default_payment_method"] = null };
        return Added(customer);
    }

    private JsonObject CreateSession(StripeFields fields)
    {
        if (fields.Required("mode") != "payment") throw StripeError.Invalid("The emulator knows the mode payment only.", "mode");
        Found("customer", fields.Required("customer"));
        var amount = fields.Number("line_items[0][price_data][unit_amount]") * (fields.Number("line_items[0][quantity]") ?? 1);
        if (amount is not (>= 50 and <= 99_999_999)) throw StripeError.Invalid("Amount must be at least $0.50 usd and no more than $999,999.99.", "line_items[0][price_data][unit_amount]");

        var session = state.New("checkout.session", "cs_test");
        session["mode"] = "payment";
        session["status"] = "open";
        session["payment_status"] = "unpaid";
        session["customer"] = fields.Required("customer");
        session["client_reference_id"] = fields.Text("client_reference_id");
        session["currency"] = fields.Required("line_items[0][price_data][currency]");
        session["amount_subtotal"] = amount;
        session["amount_total"] = amount;
        session["success_url"] = fields.Required("success_url");
        session["cancel_url"] = fields.Text("cancel_url");
        session["metadata"] = fields.Map("metadata");
        session["expires_at"] = state.Now + (long)SessionLifetime.TotalSeconds;
        return Added(session);
    }

    private JsonObject Portal(StripeFields fields)
    {
        Found("customer", fields.Required("customer"));
        var portal = state.New("billing_portal.session", "bps");
        portal["customer"] = fields.Required("customer");
        portal["return_url"] = fields.Text("return_url");
        portal["url"] = new Uri(endpoint(), $"/portal/{StripeMoney.Text(portal, "id")}").AbsoluteUri;
        return portal;
    }

    private JsonObject Charge(StripeFields fields)
    {
        var (intent, declined, events) = money.Charge(fields);
        announce(events);
        return declined is null ? intent : throw StripeError.Card(StripeMoney.CodeOf(declined), declined, intent);
    }

    private JsonObject Refund(StripeFields fields)
    {
        var (refund, events) = money.Refund(fields.Required("payment_intent"), fields.Number("amount"));
        announce(events);
        return refund;
    }

    private JsonObject Search(StripeFields fields)
    {
        var account = AccountQuery().Match(fields.Required("query")) is { Success: true } match ? match.Groups["account"].Value : throw StripeError.Invalid("The emulator searches by the metadata 'account' only.", "query");
        var found = state.All("customer").Where(each => StripeMoney.Text(each["metadata"]!.AsObject(), "account") == account);
        return new() { ["object"] = "search_result", ["url"] = "/v1/customers/search", ["has_more"] = false, ["data"] = new JsonArray([.. found]) };
    }

    /// <summary>Newest first, as everywhere.</summary>
    private JsonObject List(string type, string path, StripeFields fields)
    {
        var limit = (int)Math.Clamp(fields.Number("limit") ?? PageSize, 1, PageSizeMax);
        var types = fields.List("types");
        var all = state.All(type)
            .Where(each => each["created"]!.GetValue<long>() >= (fields.Number("created[gte]") ?? 0))
            .Where(each => fields.Text("customer") is not { } customer || StripeMoney.Text(each, "customer") == customer)
            .Where(each => fields.Text("payment_intent") is not { } intent || StripeMoney.Text(each, "payment_intent") == intent)
            .Where(each => fields.Text("type") is not { } wanted || StripeMoney.Text(each, "type") == wanted)
            .Where(each => types.Count == 0 || types.Contains(StripeMoney.Text(each, "type")));
        if (fields.Text("starting_after") is { } after) all = all.SkipWhile(each => StripeMoney.Text(each, "id") != after).Skip(1);
        var page = all.Take(limit + 1).ToArray();
        return new() { ["object"] = "list", ["url"] = path, ["has_more"] = page.Length > limit, ["data"] = new JsonArray([.. page.Take(limit).Select(Shown)]) };
    }

    private JsonObject Found(string type, string id) => state.Find(type, id) ?? throw StripeError.Missing(type.Split('.')[^1], id);

    private JsonObject Added(JsonObject created) => state.Change(objects =>
    {
        objects[StripeMoney.Text(created, "id")] = StripeState.Copy(created);
        return created;
    });

    /// <summary>A session's page is where this emulator is now, for as long as it is open.</summary>
    private JsonObject Shown(JsonObject json)
    {
        if (StripeMoney.Text(json, "object") != "checkout.session") return json;
        var shown = StripeState.Copy(json);
        if (StripeMoney.Text(json, "status") == "open" && json["expires_at"]!.GetValue<long>() <= state.Now) shown["status"] = "expired";
        shown["url"] = StripeMoney.Text(shown, "status") == "open" ? new Uri(endpoint(), $"/c/pay/{StripeMoney.Text(json, "id")}").AbsoluteUri : null;
        return shown;
    }

    [GeneratedRegex("^metadata\\['account'\\]:'(?<account>[A-Za-z0-9_]+)'$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex AccountQuery();
}
