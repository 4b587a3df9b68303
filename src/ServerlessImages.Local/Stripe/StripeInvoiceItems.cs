using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Amounts that go on an invoice by hand: on the one that is named, else on the customer's next.</summary>
internal sealed class StripeInvoiceItems(StripeState state, StripeEvents events)
{
    public JsonObject Create(StripeFields fields)
    {
        var customer = state.Get("customer", fields.Required("customer")).Text("id");
        if (fields.Text("invoice") is { } named && state.Get("invoice", named).Text("status") != "draft") throw StripeError.Invalid("The invoice is no longer a draft.", "invoice", "invoice_not_editable");
        if (fields.Text("subscription") is { } subscription && state.Get("subscription", subscription).Text("customer") != customer) throw StripeError.Invalid("The subscription belongs to another customer.", "subscription");
        var price = fields.Text("pricing[price]") is { } id ? state.Get("price", id) : null;
        if (price is { } its && its.Text("type") != "one_time") throw StripeError.Invalid("The price must have `type=one_time`.", "pricing[price]");
        var quantity = fields.Number("quantity") ?? 1;
        var unit = price?.Decimal("unit_amount_decimal") ?? fields.Decimal("unit_amount_decimal") ?? fields.Decimal("price_data[unit_amount_decimal]") ?? fields.Number("price_data[unit_amount]");
        if (unit is null && fields.Number("amount") is null) throw StripeError.Invalid("Missing required param: amount.", "amount");
        if (unit is not null && fields.Number("amount") is not null) throw StripeError.Invalid("You may only specify one of these parameters: amount, unit_amount_decimal.", "amount");

        var item = state.New("invoiceitem", "ii");
        item["customer"] = customer;
        item["date"] = state.Now;
        item["currency"] = price?.Text("currency") ?? fields.Text("price_data[currency]") ?? fields.Text("currency") ?? "usd";
        item["amount"] = unit is { } each ? StripeInvoices.Cents(each * quantity) : fields.RequiredNumber("amount");
        item["quantity"] = quantity;
        item["quantity_decimal"] = ((decimal)quantity).Text();
        item["pricing"] = Pricing(unit ?? item.Number("amount"), price);
        item["description"] = fields.Text("description");
        item["metadata"] = fields.Map("metadata");
        item["period"] = new JsonObject { ["start"] = fields.Number("period[start]") ?? state.Now, ["end"] = fields.Number("period[end]") ?? state.Now };
        item["invoice"] = fields.Text("invoice");
        if (fields.Text("subscription") is { } parent) item["parent"] = new JsonObject { ["type"] = "subscription_details", ["subscription_details"] = new JsonObject { ["subscription"] = parent } };
        item.Remove("created");
        state.Add(item);
        events.Happened("invoiceitem.created", item);
        return item;
    }

    /// <summary>Only while it is not on an invoice that is final.</summary>
    public JsonObject Delete(string id)
    {
        var item = state.Get("invoiceitem", id);
        if (item.Text("invoice") is { Length: > 0 } invoice && state.Get("invoice", invoice).Text("status") != "draft") throw StripeError.Invalid("The invoice item is on a finalized invoice.", "id");
        state.Remove(item);
        events.Happened("invoiceitem.deleted", item);
        return new() { ["id"] = id, ["object"] = "invoiceitem", ["deleted"] = true };
    }

    /// <summary>Puts what waits onto an invoice: what is for no or this subscription.</summary>
    public void Take(JsonObject invoice, string subscription)
    {
        foreach (var item in state.All("invoiceitem").Where(each => each["invoice"] is null && each.Text("customer") == invoice.Text("customer") && Subscription(each) is var its && (its.Length == 0 || its == subscription)))
        {
            item["invoice"] = invoice.Text("id");
        }
    }

    /// <summary>Those on an invoice, oldest first.</summary>
    public IEnumerable<JsonObject> On(JsonObject invoice) => state.All("invoiceitem").Where(each => each.Text("invoice") == invoice.Text("id")).Reverse();

    public static string Subscription(JsonObject item) => item["parent"]?["subscription_details"]?["subscription"]?.GetValue<string>() ?? "";

    public static JsonObject Pricing(decimal unit, JsonObject? price)
    {
        var pricing = new JsonObject { ["type"] = "price_details", ["unit_amount_decimal"] = unit.Text() };
        if (price is not null) pricing["price_details"] = new JsonObject { ["price"] = price.Text("id"), ["product"] = price.Text("product") };
        return pricing;
    }
}
