using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>
/// Usage as it is reported: taken at once if its form is right, and looked at later. What is wrong then is dropped and told in a thin event only.
/// Source of the limits: docs.stripe.com/api/billing/meter-event/create and the changelog of 2026-04-22.
/// </summary>
internal sealed class StripeMeterEvents(StripeState state, StripeEvents events, StripeMeters meters, TimeSpan lag)
{
    private const string Type = "billing.meter_event";
    private const int IdentifierCharactersMax = 100;
    private const int DigitsMax = 15;
    private static readonly long RememberedSeconds = (long)TimeSpan.FromHours(24).TotalSeconds;
    private static readonly long PastSecondsMax = (long)TimeSpan.FromDays(35).TotalSeconds;
    private static readonly long FutureSecondsMax = (long)TimeSpan.FromMinutes(5).TotalSeconds;

    /// <summary>Told of a customer whose usage became more.</summary>
    public Action<string> Counted { get; set; } = _ => { };

    /// <summary>What was taken and not looked at yet.</summary>
    public IEnumerable<StripeDue> Dues() => lag == TimeSpan.Zero ? [] : state.All(Type).Where(each => each.Text("_state") == "taken").Reverse().Select(each => new StripeDue(each.Number("_due"), () => LookAt(each)));

    public JsonObject Create(StripeFields fields)
    {
        var identifier = fields.Text("identifier") ?? Guid.NewGuid().ToString();
        if (identifier.Length is 0 or > IdentifierCharactersMax) throw StripeError.Invalid("Invalid string: must be at most 100 characters", "identifier");
        var name = fields.Required("event_name");
        var payload = fields.Map("payload");
        if (payload.Count == 0) throw StripeError.Invalid("Missing required param: payload.", "payload");
        var timestamp = Timestamp(fields);
        var meter = meters.OfEvent(name);
        if (meter is not null) Check(meter, payload);
        var before = state.Find(Type, identifier);
        if (before is not null && state.Now - before.Number("created") < RememberedSeconds) throw StripeError.EventExists(identifier);
        if (before is not null) Rename(before);

        var taken = new JsonObject
        {
            ["id"] = identifier,
            ["object"] = Type,
            ["created"] = state.Now,
            ["event_name"] = name,
            ["identifier"] = identifier,
            ["livemode"] = false,
            ["payload"] = payload,
            ["timestamp"] = timestamp,
            ["_state"] = "taken",
            ["_due"] = state.Now + (long)lag.TotalSeconds,
        };
        state.Add(taken);
        if (lag == TimeSpan.Zero) LookAt(taken);
        return taken;
    }

    /// <summary>A meter's events of a customer, oldest first, with the values that they have.</summary>
    /// <param name="onlySeen">Those only that were looked at: summaries lag, invoices do not.</param>
    public IEnumerable<(long Timestamp, decimal Value)> Of(JsonObject meter, string customer, long start, long end, bool onlySeen) =>
        state.All(Type).Reverse()
            .Where(each => each.Text("event_name") == meter.Text("event_name") && each.Text("_state") != "dropped" && (!onlySeen || each.Text("_state") == "counted"))
            .Where(each => each.Number("timestamp") >= start && each.Number("timestamp") < end && CustomerOf(meter, each) == customer)
            .Select(each => (each.Number("timestamp"), ValueOf(meter, each)));

    public static decimal Aggregate(JsonObject meter, IEnumerable<(long Timestamp, decimal Value)> used) => meter.Object("default_aggregation").Text("formula") switch
    {
        "count" => used.Count(),
        "last" => used.OrderBy(each => each.Timestamp).LastOrDefault().Value,
        _ => used.Sum(each => each.Value),
    };

    private static string CustomerOf(JsonObject meter, JsonObject taken) => taken.Object("payload").Text(meter.Object("customer_mapping").Text("event_payload_key"));

    private static decimal ValueOf(JsonObject meter, JsonObject taken) =>
        decimal.TryParse(taken.Object("payload").Text(meter.Object("value_settings").Text("event_payload_key")), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private long Timestamp(StripeFields fields)
    {
        var timestamp = fields.Number("timestamp") ?? state.Now;
        if (timestamp < state.Now - PastSecondsMax) throw StripeError.Invalid("The timestamp must be within the past 35 calendar days.", "timestamp", "timestamp_too_far_in_past");
        if (timestamp > state.Now + FutureSecondsMax) throw StripeError.Invalid("The timestamp must be at most 5 minutes in the future.", "timestamp", "timestamp_in_future");
        return timestamp;
    }

    private static void Check(JsonObject meter, JsonObject payload)
    {
        if (!StripeMeters.IsActive(meter)) throw StripeError.Invalid("The meter is not active.", "event_name", "archived_meter");
        if (meter.Object("default_aggregation").Text("formula") == "count") return;
        var value = payload.Text(meter.Object("value_settings").Text("event_payload_key"));
        var digits = value.TrimStart('-');
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit)) throw StripeError.Invalid($"Meter event values must be whole numbers: {value}", "payload", "meter_event_invalid_value");
        if (digits.TrimStart('0').Length > DigitsMax) throw StripeError.Invalid("Meter event values have at most 15 digits.", "payload", "meter_event_value_too_many_digits");
    }

    /// <summary>An identifier that is forgotten may be used again, and counts again.</summary>
    private void Rename(JsonObject before)
    {
        state.Remove(before);
        before["id"] = string.Create(CultureInfo.InvariantCulture, $"{before.Text("id")} of {before.Number("created")}");
        state.Add(before);
    }

    private void LookAt(JsonObject taken)
    {
        var meter = meters.OfEvent(taken.Text("event_name"));
        var customer = meter is null ? "" : CustomerOf(meter, taken);
        var wrong = meter is null ? ("no_meter", "There is no meter with this event name.")
            : !StripeMeters.IsActive(meter) ? ("archived_meter", "The meter is not active.")
            : customer.Length == 0 ? ("meter_event_no_customer_defined", "The event names no customer.")
            : state.Find("customer", customer) is null ? ("meter_event_customer_not_found", $"No such customer: '{customer}'")
            : default((string Code, string Message)?);
        taken["_state"] = wrong is null ? "counted" : "dropped";
        if (wrong is { } problem) Report(meter, taken, problem.Code, problem.Message);
        else Counted(customer);
    }

    /// <summary>Stripe reports of windows of ten seconds, with samples.</summary>
    private void Report(JsonObject? meter, JsonObject taken, string code, string message)
    {
        var start = taken.Number("created") / 10 * 10;
        var sample = new JsonObject { ["error_message"] = message, ["request"] = new JsonObject { ["identifier"] = taken.Text("identifier") } };
        var data = new JsonObject
        {
            ["developer_message_summary"] = "There is 1 invalid event",
            ["reason"] = new JsonObject { ["error_count"] = 1, ["error_types"] = new JsonArray(new JsonObject { ["code"] = code, ["error_count"] = 1, ["sample_errors"] = new JsonArray(sample) }) },
            ["validation_start"] = StripeEvents.Time(start),
            ["validation_end"] = StripeEvents.Time(start + 10),
        };
        events.HappenedThin(meter is null ? "v1.billing.meter.no_meter_found" : "v1.billing.meter.error_report_triggered", meter, data);
    }
}
