using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

internal sealed class StripeCustomers(StripeState state, StripeEvents events, StripeCards cards)
{
    public JsonObject Create(StripeFields fields)
    {
        var customer = state.New("customer", "cus");
        Set(customer, fields);
        state.Add(customer);
        events.Happened("customer.created", customer);
        return customer;
    }

    public JsonObject Update(string id, StripeFields fields)
    {
        var customer = state.Get("customer", id);
        Set(customer, fields);
        events.Happened("customer.updated", customer);
        return customer;
    }

    /// <summary>Usage that is reported for it afterwards is dropped.</summary>
    public JsonObject Delete(string id)
    {
        var customer = state.Get("customer", id);
        state.Remove(customer);
        events.Happened("customer.deleted", customer);
        return new() { ["id"] = id, ["object"] = "customer", ["deleted"] = true };
    }

    private void Set(JsonObject customer, StripeFields fields)
    {
        if (fields.Text("invoice_settings[default_payment_method]") is { } method) cards.MakeDefault(customer, method);
        foreach (var name in (string[])["name", "email", "description"])
        {
            if (fields.Text(name) is { } text) customer[name] = text;
        }

        customer.Object("metadata").Merge(fields.Map("metadata"));
    }
}
