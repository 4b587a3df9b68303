using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>The invoice of something that was bought once, on a page.</summary>
internal sealed class StripePurchases(StripeState state, StripeEvents events, StripeInvoices invoices, StripeInvoiceItems items, StripeCollection collection)
{
    /// <summary>What a session says about the invoice that it will make.</summary>
    public static JsonObject InvoiceCreation(StripeFields fields) => new()
    {
        ["enabled"] = true,
        ["invoice_data"] = new JsonObject
        {
            ["account_tax_ids"] = null,
            ["custom_fields"] = null,
            ["description"] = fields.Text("invoice_creation[invoice_data][description]"),
            ["footer"] = null,
            ["issuer"] = null,
            ["metadata"] = fields.Map("invoice_creation[invoice_data][metadata]"),
            ["rendering_options"] = null,
        },
    };

    public JsonObject Invoice(JsonObject session, JsonObject intent)
    {
        var invoice = invoices.Draft(session.Text("customer"), "manual", state.Now, state.Now, subscription: null, used: [], takesItems: false);
        var data = session.Object("invoice_creation").Object("invoice_data");
        invoice["description"] = data["description"]?.DeepClone();
        invoice["metadata"] = data.Object("metadata").DeepClone();
        invoice["_session"] = session.Text("id");
        items.Create(new(new Dictionary<string, string>
        {
            ["customer"] = session.Text("customer"),
            ["invoice"] = invoice.Text("id"),
            ["amount"] = session.Number("amount_total").ToString(CultureInfo.InvariantCulture),
            ["currency"] = session.Text("currency"),
            ["description"] = session.Text("_what"),
        }));
        events.Happened("invoice.created", invoice);
        invoices.Finalize(invoice);
        collection.Link(invoice, intent);
        return invoice;
    }

    public void Settle(JsonObject session)
    {
        if (session["invoice"] is not null) collection.Settle(state.Get("invoice", session.Text("invoice")));
    }
}
