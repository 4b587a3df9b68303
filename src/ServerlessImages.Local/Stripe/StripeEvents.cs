using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>What happened: snapshot events, with the object as it was then, and thin events, which only say where to look.</summary>
internal sealed class StripeEvents(StripeState state, StripeView view)
{
    public const string ThinType = "v2.core.event";

    public void Happened(string type, JsonObject about)
    {
        var happened = state.New("event", "evt");
        happened["api_version"] = StripeEmulator.ApiVersion;
        happened["type"] = type;
        happened["pending_webhooks"] = 1;
        happened["data"] = new JsonObject { ["object"] = view.Shown(about) };
        state.Happened(happened);
    }

    /// <param name="meter">What it is about, or null.</param>
    public void HappenedThin(string type, JsonObject? meter, JsonObject data)
    {
        var happened = new JsonObject { ["id"] = StripeState.NewId("evt_test"), ["object"] = ThinType, ["created"] = Time(state.Now), ["livemode"] = false, ["type"] = type };
        if (meter is not null) happened["related_object"] = new JsonObject { ["id"] = meter.Text("id"), ["type"] = "billing.meter", ["url"] = $"/v1/billing/meters/{meter.Text("id")}" };
        happened["data"] = data;
        state.Happened(happened);
    }

    /// <summary>The body of an announcement. A thin one has no data: whoever wants it fetches the event.</summary>
    public static JsonObject Announcement(JsonObject happened, string apiVersion)
    {
        var body = happened.Copy();
        if (happened.Text("object") == ThinType) body.Remove("data");
        else body["api_version"] = apiVersion;
        return body;
    }

    public static string Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
