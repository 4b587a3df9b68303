using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Products and their prices.</summary>
internal sealed class StripeCatalog(StripeState state, StripeEvents events)
{
    public JsonObject CreateProduct(StripeFields fields)
    {
        if (fields.Text("id") is { } known && state.Find("product", known) is not null) throw StripeError.Invalid("Product already exists.", "id", "resource_already_exists");
        var product = state.New("product", "prod");
        product["id"] = fields.Text("id") ?? product.Text("id");
        product["name"] = fields.Required("name");
        SetProduct(product, fields);
        state.Add(product);
        events.Happened("product.created", product);
        return product;
    }

    public JsonObject UpdateProduct(string id, StripeFields fields)
    {
        var product = state.Get("product", id);
        SetProduct(product, fields);
        events.Happened("product.updated", product);
        return product;
    }

    public JsonObject CreatePrice(StripeFields fields)
    {
        if (fields.Has("product_data") || fields.Has("tiers") || fields.Has("transform_quantity") || fields.Has("custom_unit_amount")) throw StripeError.NotEmulated("prices but those of a product, per unit", "billing_scheme");
        var price = state.New("price", "price");
        price["product"] = state.Get("product", fields.Required("product")).Text("id");
        price["currency"] = fields.Required("currency");
        price["recurring"] = fields.Has("recurring") ? Recurring(fields.Part("recurring")) : null;
        price["type"] = fields.Has("recurring") ? "recurring" : "one_time";
        var amount = fields.Decimal("unit_amount_decimal") ?? fields.RequiredNumber("unit_amount");
        price["unit_amount_decimal"] = amount.Text();
        price["unit_amount"] = amount == decimal.Truncate(amount) ? (long)amount : null;
        SetPrice(price, fields);
        state.Add(price);
        events.Happened("price.created", price);
        return price;
    }

    public JsonObject UpdatePrice(string id, StripeFields fields)
    {
        var price = state.Get("price", id);
        SetPrice(price, fields);
        events.Happened("price.updated", price);
        return price;
    }

    /// <summary>Which prices a list asks for.</summary>
    public static bool IsAskedFor(JsonObject price, StripeFields fields)
    {
        var keys = fields.List("lookup_keys");
        if (keys.Count > 0 && !keys.Contains(price.Text("lookup_key"))) return false;
        if (fields.Text("active") is { } active && price.Flag("active") != (active == "true")) return false;
        return fields.Map("recurring").All(each => price["recurring"] is JsonObject recurring && recurring.Text(each.Key) == each.Value!.GetValue<string>());
    }

    private JsonObject Recurring(StripeFields fields)
    {
        var usage = fields.Choice("usage_type", "licensed", "licensed", "metered");
        var meter = fields.Text("meter");
        if (usage == "metered" && meter is null) throw StripeError.Invalid("Metered prices need a meter.", "recurring[meter]");
        if (usage == "licensed" && meter is not null) throw StripeError.Invalid("Only metered prices have a meter.", "recurring[meter]");
        if (meter is not null && !StripeMeters.IsActive(state.Get("billing.meter", meter))) throw StripeError.Invalid("The meter is not active.", "recurring[meter]");
        return new()
        {
            ["interval"] = fields.Choice("interval", "", "day", "week", "month", "year"),
            ["interval_count"] = fields.Number("interval_count") ?? 1,
            ["meter"] = meter,
            ["trial_period_days"] = null,
            ["usage_type"] = usage,
        };
    }

    private void SetProduct(JsonObject product, StripeFields fields)
    {
        if (fields.Text("name") is { } name) product["name"] = name;
        if (fields.Text("description") is { } description) product["description"] = description;
        if (fields.Text("active") is { } active) product["active"] = active == "true";
        if (fields.Text("unit_label") is { } unit) product["unit_label"] = unit;
        product.Object("metadata").Merge(fields.Map("metadata"));
        product["updated"] = state.Now;
    }

    /// <summary>A lookup key names one active price; another one takes it over only if that is asked for.</summary>
    private void SetPrice(JsonObject price, StripeFields fields)
    {
        if (fields.Text("lookup_key") is { Length: > 0 } key)
        {
            var holder = state.All("price").FirstOrDefault(each => each.Text("lookup_key") == key && each != price);
            if (holder is not null && !fields.Flag("transfer_lookup_key")) throw StripeError.Invalid($"A price (`{holder.Text("id")}`) already uses that lookup key.", "lookup_key");
            if (holder is not null) holder["lookup_key"] = null;
            price["lookup_key"] = key;
        }

        if (fields.Text("active") is { } active) price["active"] = active == "true";
        if (fields.Text("nickname") is { } nickname) price["nickname"] = nickname;
        if (fields.Text("tax_behavior") is { } tax) price["tax_behavior"] = tax;
        price.Object("metadata").Merge(fields.Map("metadata"));
    }
}
