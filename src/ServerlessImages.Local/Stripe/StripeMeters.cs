using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Meters: what is counted, and how. Only their display name can be changed.</summary>
internal sealed class StripeMeters(StripeState state, StripeEvents events)
{
    private const int NameCharactersMax = 100;

    public JsonObject Create(StripeFields fields)
    {
        var name = fields.Required("event_name");
        if (name.Length > NameCharactersMax) throw StripeError.Invalid("Invalid string: must be at most 100 characters", "event_name");
        if (OfEvent(name) is { } other && IsActive(other)) throw StripeError.Invalid($"A meter with the event name {name} already exists.", "event_name");
        if (fields.Has("event_time_window")) throw StripeError.NotEmulated("pre-aggregated usage: the newest event would overwrite the others", "event_time_window");
        var meter = state.New("billing.meter", "mtr_test");
        meter["display_name"] = fields.Required("display_name");
        meter["event_name"] = name;
        meter["default_aggregation"] = new JsonObject { ["formula"] = fields.Part("default_aggregation").Choice("formula", "", "sum", "count", "last") };
        meter["customer_mapping"] = new JsonObject { ["type"] = "by_id", ["event_payload_key"] = fields.Text("customer_mapping[event_payload_key]") ?? "stripe_customer_id" };
        meter["value_settings"] = new JsonObject { ["event_payload_key"] = fields.Text("value_settings[event_payload_key]") ?? "value" };
        meter["updated"] = state.Now;
        state.Add(meter);
        events.Happened("billing.meter.created", meter);
        return meter;
    }

    public JsonObject Update(string id, StripeFields fields)
    {
        var meter = state.Get("billing.meter", id);
        meter["display_name"] = fields.Required("display_name");
        meter["updated"] = state.Now;
        events.Happened("billing.meter.updated", meter);
        return meter;
    }

    public JsonObject SetActive(string id, bool isActive)
    {
        var meter = state.Get("billing.meter", id);
        if (IsActive(meter) == isActive) throw StripeError.Invalid($"The meter is {meter.Text("status")} already.", "id");
        meter["status"] = isActive ? "active" : "inactive";
        meter.Object("status_transitions")["deactivated_at"] = isActive ? null : state.Now;
        meter["updated"] = state.Now;
        events.Happened(isActive ? "billing.meter.reactivated" : "billing.meter.deactivated", meter);
        return meter;
    }

    /// <summary>The meter that an event's name belongs to: the active one, else the newest.</summary>
    public JsonObject? OfEvent(string name) => state.All("billing.meter").Where(each => each.Text("event_name") == name).OrderByDescending(IsActive).FirstOrDefault();

    public static bool IsActive(JsonObject meter) => meter.Text("status") == "active";
}
