using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>
/// Invoices until they are final. A draft of a period takes usage of that period until it is finalized; what is reported later is on no invoice, ever.
/// Source: docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period.
/// </summary>
internal sealed class StripeInvoices(StripeState state, StripeEvents events, StripeMeterEvents usage, StripeInvoiceItems items, TimeSpan grace)
{
    /// <summary>What cannot be charged: it waits on the customer's balance. Source: docs.stripe.com/currencies, "Minimum and maximum charge amounts".</summary>
    private const long ChargeMin = 50;

    /// <summary>Told of an invoice that is final and has to be paid.</summary>
    public Action<JsonObject> Finalized { get; set; } = _ => { };

    public IEnumerable<StripeDue> Dues() => state.All("invoice").Where(each => each.Text("status") == "draft" && each["automatically_finalizes_at"] is not null)
        .Reverse().Select(each => new StripeDue(each.Number("automatically_finalizes_at"), () => Finalize(each)));

    /// <summary>A draft with the items that wait for it, which finalizes itself after the grace.</summary>
    /// <param name="used">What is counted anew until it is final: the subscription's items in their period.</param>
    public JsonObject Draft(string customerId, string reason, long start, long end, JsonObject? subscription, IEnumerable<JsonObject> used, bool takesItems = true)
    {
        var invoice = state.New("invoice", "in");
        var customer = state.Find("customer", customerId);
        invoice["customer"] = customerId;
        invoice["customer_name"] = customer?["name"]?.DeepClone();
        invoice["customer_email"] = customer?["email"]?.DeepClone();
        invoice["billing_reason"] = reason;
        invoice["period_start"] = start;
        invoice["period_end"] = end;
        invoice["automatically_finalizes_at"] = state.Now + (long)grace.TotalSeconds;
        if (subscription is not null) invoice["parent"] = new JsonObject { ["type"] = "subscription_details", ["quote_details"] = null, ["subscription_details"] = new JsonObject { ["subscription"] = subscription.Text("id"), ["metadata"] = subscription.Object("metadata").DeepClone() } };
        invoice["_used"] = new JsonArray([.. used]);
        state.Add(invoice);
        if (takesItems) items.Take(invoice, subscription?.Text("id") ?? "");
        Refresh(invoice);
        return invoice;
    }

    public JsonObject Create(StripeFields fields)
    {
        var customer = state.Get("customer", fields.Required("customer")).Text("id");
        if (fields.Choice("collection_method", "charge_automatically", "charge_automatically", "send_invoice") != "charge_automatically") throw StripeError.NotEmulated("invoices that are sent", "collection_method");
        var takes = fields.Choice("pending_invoice_items_behavior", "exclude", "include", "exclude") == "include";
        var invoice = Draft(customer, "manual", state.Now, state.Now, fields.Text("subscription") is { } id ? state.Get("subscription", id) : null, [], takes);
        invoice["auto_advance"] = fields.Flag("auto_advance");
        if (!fields.Flag("auto_advance")) invoice["automatically_finalizes_at"] = null;
        invoice["default_payment_method"] = fields.Text("default_payment_method") is { } method ? state.Get("payment_method", method).Text("id") : null;
        invoice["description"] = fields.Text("description");
        invoice["metadata"] = fields.Map("metadata");
        events.Happened("invoice.created", invoice);
        return invoice;
    }

    public JsonObject Update(string id, StripeFields fields)
    {
        var invoice = state.Get("invoice", id);
        if (fields.Text("auto_advance") is { } advance)
        {
            invoice["auto_advance"] = advance == "true";
            if (invoice.Text("status") == "draft") invoice["automatically_finalizes_at"] = advance == "true" ? state.Now + (long)grace.TotalSeconds : null;
        }

        if (fields.Text("description") is { } description) invoice["description"] = description;
        invoice.Object("metadata").Merge(fields.Map("metadata"));
        events.Happened("invoice.updated", invoice);
        return invoice;
    }

    public JsonObject Finalize(string id)
    {
        var invoice = state.Get("invoice", id);
        if (invoice.Text("status") != "draft") throw StripeError.Invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.", "invoice", "invoice_not_editable");
        Finalize(invoice);
        return invoice;
    }

    /// <summary>From here on nothing is added: its usage is what was reported until now.</summary>
    public void Finalize(JsonObject invoice)
    {
        Refresh(invoice);

        // What was bought on a page is paid there, whatever else is owed.
        var customer = invoice["_session"] is null ? state.Find("customer", invoice.Text("customer")) : null;
        var balance = customer?.Number("balance") ?? 0;
        var owed = checked(invoice.Number("total") + balance);
        var due = owed < ChargeMin ? 0 : owed;
        invoice["starting_balance"] = balance;
        invoice["ending_balance"] = owed - due;
        if (customer is not null) customer["balance"] = owed - due;
        invoice["amount_due"] = due;
        invoice["amount_remaining"] = due;
        invoice["status"] = "open";
        invoice["number"] = string.Create(CultureInfo.InvariantCulture, $"EMULATED-{state.All("invoice").Count(each => each["number"] is not null) + 1:D4}");
        invoice["automatically_finalizes_at"] = null;
        invoice["effective_at"] = state.Now;
        invoice.Object("status_transitions")["finalized_at"] = state.Now;
        events.Happened("invoice.finalized", invoice);
        Finalized(invoice);
    }

    /// <summary>Counts a draft's usage anew.</summary>
    public void Refresh(JsonObject invoice)
    {
        if (invoice.Text("status") != "draft") return;
        var ids = invoice["lines"] is null ? [] : invoice.Data("lines").ToDictionary(each => each.Text("_of"), each => each.Text("id"));
        JsonObject[] lines = [.. invoice["_used"]!.AsArray().Select(each => UsageLine(invoice, each!.AsObject())), .. items.On(invoice).Select(each => ItemLine(invoice, each))];
        foreach (var line in lines) line["id"] = ids.GetValueOrDefault(line.Text("_of")) ?? line.Text("id");
        invoice["lines"] = StripeJson.List($"/v1/invoices/{invoice.Text("id")}/lines", lines);
        var total = lines.Sum(each => each.Number("amount"));
        foreach (var name in (string[])["subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"]) invoice[name] = total;
        invoice["amount_due"] = Math.Max(0, total);
        invoice["amount_remaining"] = Math.Max(0, total);
    }

    public void RefreshDrafts()
    {
        foreach (var each in state.All("invoice")) Refresh(each);
    }

    /// <summary>What an item of a subscription was used since the last threshold invoice, and never less than nothing.</summary>
    public decimal Unbilled(string customer, JsonObject item, long start, long end, decimal billed)
    {
        var meter = state.Get("billing.meter", item.Object("price").Object("recurring").Text("meter"));
        return Math.Max(0, StripeMeterEvents.Aggregate(meter, usage.Of(meter, customer, start, end, onlySeen: false)) - billed);
    }

    /// <summary>What an invoice counts of a subscription's item.</summary>
    /// <param name="quantity">Fixed, as a threshold invoice has it; null: counted until it is final.</param>
    public static JsonObject Use(JsonObject item, long start, long end, decimal? quantity) => new()
    {
        ["item"] = item.Copy(),
        ["start"] = start,
        ["end"] = end,
        ["billed"] = (item.Text("_billed") is { Length: > 0 } billed ? billed : "0"),
        ["quantity"] = quantity?.Text(),
    };

    /// <summary>A line is rounded to the cent, half a cent upwards.</summary>
    public static long Cents(decimal amount) => (long)decimal.Round(amount, 0, MidpointRounding.AwayFromZero);

    private JsonObject UsageLine(JsonObject invoice, JsonObject used)
    {
        var item = used.Object("item");
        var price = item.Object("price");
        var unit = price.Decimal("unit_amount_decimal");
        var quantity = used["quantity"] is null ? Unbilled(invoice.Text("customer"), item, used.Number("start"), used.Number("end"), used.Decimal("billed")) : used.Decimal("quantity");
        var line = Line(invoice, item.Text("id"), Cents(quantity * unit), quantity, StripeInvoiceItems.Pricing(unit, price), new() { ["start"] = used.Number("start"), ["end"] = used.Number("end") });
        line["description"] = string.Create(CultureInfo.InvariantCulture, $"{quantity} × {state.Get("product", price.Text("product")).Text("name")} (at ${unit / 100} / {price.Object("recurring").Text("interval")})");
        line["metadata"] = invoice["parent"]!["subscription_details"]!["metadata"]!.DeepClone();
        line["subscription"] = item.Text("subscription");
        line["parent"] = new JsonObject
        {
            ["type"] = "subscription_item_details",
            ["invoice_item_details"] = null,
            ["subscription_item_details"] = new JsonObject { ["invoice_item"] = null, ["proration"] = false, ["proration_details"] = null, ["subscription"] = item.Text("subscription"), ["subscription_item"] = item.Text("id") },
        };
        return line;
    }

    private JsonObject ItemLine(JsonObject invoice, JsonObject item)
    {
        var line = Line(invoice, item.Text("id"), item.Number("amount"), item.Number("quantity"), item.Object("pricing").Copy(), item.Object("period").Copy());
        var subscription = StripeInvoiceItems.Subscription(item) is { Length: > 0 } its ? its : null;
        line["description"] = item["description"]?.DeepClone();
        line["metadata"] = item.Object("metadata").DeepClone();
        line["subscription"] = subscription;
        line["parent"] = new JsonObject
        {
            ["type"] = "invoice_item_details",
            ["invoice_item_details"] = new JsonObject { ["invoice_item"] = item.Text("id"), ["proration"] = false, ["proration_details"] = null, ["subscription"] = subscription },
            ["subscription_item_details"] = null,
        };
        return line;
    }

    private JsonObject Line(JsonObject invoice, string of, long amount, decimal quantity, JsonObject pricing, JsonObject period)
    {
        var line = state.New("line_item", "il");
        line.Remove("created");
        line["_of"] = of;
        line["invoice"] = invoice.Text("id");
        line["amount"] = amount;
        line["subtotal"] = amount;
        line["quantity"] = (long)decimal.Truncate(quantity);
        line["quantity_decimal"] = quantity.Text();
        line["pricing"] = pricing;
        line["period"] = period;
        return line;
    }
}
