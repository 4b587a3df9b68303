using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>What a meter has counted of a customer: as of the last event that was looked at, and by the page of ten. Windows without any usage are left out.</summary>
internal sealed class StripeSummaries(StripeState state, StripeMeterEvents usage, StripeLists lists)
{
    public JsonObject Of(string meterId, string path, StripeFields fields)
    {
        var meter = state.Get("billing.meter", meterId);
        var (customer, start, end) = (fields.Required("customer"), fields.RequiredNumber("start_time"), fields.RequiredNumber("end_time"));
        state.Get("customer", customer);
        var window = fields.Text("value_grouping_window") is null ? 0 : fields.Choice("value_grouping_window", "", "hour", "day") == "hour" ? 3_600 : 86_400;
        foreach (var (name, time) in ((string, long)[])[("start_time", start), ("end_time", end)])
        {
            if (time % Math.Max(window, 60) != 0) throw StripeError.Invalid($"The {name} must be aligned with the boundaries of {(window == 0 ? "minutes" : window == 3_600 ? "hours" : "days")}, in UTC.", name);
        }

        if (end <= start) throw StripeError.Invalid("The end_time must be after the start_time.", "end_time");
        var summaries = usage.Of(meter, customer, start, end, onlySeen: true)
            .GroupBy(each => window == 0 ? start : each.Timestamp / window * window)
            .OrderByDescending(each => each.Key)
            .Select(each => Summary(meter, customer, each.Key, window == 0 ? end : each.Key + window, StripeMeterEvents.Aggregate(meter, each)));
        return lists.Page(summaries, path, fields);
    }

    private static JsonObject Summary(JsonObject meter, string customer, long start, long end, decimal value) => new()
    {
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"mtrusg_test_{customer}_{start}"),
        ["object"] = "billing.meter_event_summary",
        ["aggregated_value"] = value,
        ["start_time"] = start,
        ["end_time"] = end,
        ["livemode"] = false,
        ["meter"] = meter.Text("id"),
    };
}
