using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>The calls of Stripe's API that are emulated.</summary>
internal sealed class StripeCalls(StripeState state, StripeView view, StripeLists lists, StripeCustomers customers, StripeCheckout checkout, StripePayments payments,
    StripeCatalog catalog, StripeMeters meters, StripeMeterEvents usage, StripeSummaries summaries,
    StripeSubscriptions subscriptions, StripeInvoices invoices, StripeInvoiceItems items, StripeCollection collection)
{
    /// <exception cref="StripeError">The answer is an error.</exception>
    public JsonObject Answer(string method, string path, StripeFields fields)
    {
        var answer = (path.StartsWith("/v2/", StringComparison.Ordinal) ? V2(method, path, fields) : null)
            ?? Paying(method, path, fields)
            ?? Metering(method, path, fields)
            ?? Invoicing(method, path, fields)
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
        ("DELETE", ["", "v1", "customers", var id]) => DeleteCustomer(id),
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

    private JsonObject? Metering(string method, string path, StripeFields fields) => (method, path.Split('/')) switch
    {
        ("POST", ["", "v1", "products"]) => view.Shown(catalog.CreateProduct(fields)),
        ("GET", ["", "v1", "products"]) => lists.Of("product", path, fields, each => fields.Text("active") is not { } active || each.Flag("active") == (active == "true")),
        ("GET", ["", "v1", "products", "search"]) => lists.Search("product", path, fields),
        ("GET", ["", "v1", "products", var id]) => Shown("product", id),
        ("POST", ["", "v1", "products", var id]) => view.Shown(catalog.UpdateProduct(id, fields)),
        ("POST", ["", "v1", "prices"]) => view.Shown(catalog.CreatePrice(fields)),
        ("GET", ["", "v1", "prices"]) => lists.Of("price", path, fields, each => StripeCatalog.IsAskedFor(each, fields)),
        ("GET", ["", "v1", "prices", "search"]) => lists.Search("price", path, fields),
        ("GET", ["", "v1", "prices", var id]) => Shown("price", id),
        ("POST", ["", "v1", "prices", var id]) => view.Shown(catalog.UpdatePrice(id, fields)),
        ("POST", ["", "v1", "billing", "meters"]) => view.Shown(meters.Create(fields)),
        ("GET", ["", "v1", "billing", "meters"]) => lists.Of("billing.meter", path, fields, each => fields.Text("status") is not { } status || each.Text("status") == status),
        ("GET", ["", "v1", "billing", "meters", var id]) => Shown("billing.meter", id),
        ("POST", ["", "v1", "billing", "meters", var id]) => view.Shown(meters.Update(id, fields)),
        ("POST", ["", "v1", "billing", "meters", var id, "deactivate"]) => view.Shown(meters.SetActive(id, isActive: false)),
        ("POST", ["", "v1", "billing", "meters", var id, "reactivate"]) => view.Shown(meters.SetActive(id, isActive: true)),
        ("GET", ["", "v1", "billing", "meters", var id, "event_summaries"]) => summaries.Of(id, path, fields),
        ("POST", ["", "v1", "billing", "meter_events"]) => Taken(usage.Create(fields)),
        _ => null,
    };

    private JsonObject? Invoicing(string method, string path, StripeFields fields)
    {
        if (path.StartsWith("/v1/invoices", StringComparison.Ordinal)) invoices.RefreshDrafts();
        return (method, path.Split('/')) switch
        {
            ("GET", ["", "v1", "subscriptions"]) => lists.Of("subscription", path, fields, each => IsOfStatus(each, fields)),
            ("GET", ["", "v1", "subscriptions", "search"]) => lists.Search("subscription", path, fields),
            ("GET", ["", "v1", "subscriptions", var id]) => Shown("subscription", id),
            ("POST", ["", "v1", "subscriptions", var id]) => view.Shown(subscriptions.Update(id, fields)),
            ("DELETE", ["", "v1", "subscriptions", var id]) => view.Shown(subscriptions.Cancel(id, fields.Flag("invoice_now"))),
            ("POST", ["", "v1", "invoices"]) => view.Shown(invoices.Create(fields)),
            ("GET", ["", "v1", "invoices"]) => lists.Of("invoice", path, fields, each => IsOf(each, fields)),
            ("GET", ["", "v1", "invoices", "search"]) => lists.Search("invoice", path, fields),
            ("GET", ["", "v1", "invoices", var id]) => Shown("invoice", id),
            ("POST", ["", "v1", "invoices", var id]) => view.Shown(invoices.Update(id, fields)),
            ("GET", ["", "v1", "invoices", var id, "lines"]) => lists.Page(state.Get("invoice", id).Data("lines"), path, fields),
            ("POST", ["", "v1", "invoices", var id, "finalize"]) => view.Shown(invoices.Finalize(id)),
            ("POST", ["", "v1", "invoices", var id, "pay"]) => view.Shown(collection.Pay(id, fields)),
            ("POST", ["", "v1", "invoices", var id, "void"]) => view.Shown(collection.Void(id)),
            ("POST", ["", "v1", "invoices", var id, "mark_uncollectible"]) => view.Shown(collection.MarkUncollectible(id)),
            ("GET", ["", "v1", "invoice_payments"]) => lists.Of("invoice_payment", path, fields),
            ("POST", ["", "v1", "invoiceitems"]) => view.Shown(items.Create(fields)),
            ("GET", ["", "v1", "invoiceitems"]) => lists.Of("invoiceitem", path, fields, each => fields.Text("pending") is not { } pending || (each["invoice"] is null) == (pending == "true")),
            ("GET", ["", "v1", "invoiceitems", var id]) => Shown("invoiceitem", id),
            ("DELETE", ["", "v1", "invoiceitems", var id]) => items.Delete(id),
            _ => null,
        };
    }

    private JsonObject? V2(string method, string path, StripeFields fields) => (method, path.Split('/')) switch
    {
        ("GET", ["", "v2", "core", "events"]) => lists.OfThinEvents(fields),
        ("GET", ["", "v2", "core", "events", var id]) => state.Get(StripeEvents.ThinType, id).Copy(),
        _ => null,
    };

    private JsonObject Shown(string type, string id) => view.Shown(state.Get(type, id));

    /// <summary>Without a status, all but the canceled ones.</summary>
    private static bool IsOfStatus(JsonObject subscription, StripeFields fields) => fields.Text("status") switch
    {
        null => subscription.Text("status") != "canceled",
        "all" => true,
        var status => subscription.Text("status") == status,
    };

    private static bool IsOf(JsonObject invoice, StripeFields fields) =>
        (fields.Text("status") is not { } status || invoice.Text("status") == status)
        && (fields.Text("subscription") is not { } subscription || invoice["parent"]?["subscription_details"]?["subscription"]?.GetValue<string>() == subscription);

    private JsonObject DeleteCustomer(string id)
    {
        var deleted = customers.Delete(id);
        subscriptions.CancelAllOf(id);
        return deleted;
    }

    /// <summary>A meter event has no id but its identifier.</summary>
    private JsonObject Taken(JsonObject taken)
    {
        var shown = view.Shown(taken);
        shown.Remove("id");
        return shown;
    }

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
