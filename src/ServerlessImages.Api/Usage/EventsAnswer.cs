using System.Globalization;
using System.Text.Json;
using ServerlessImages.Api.Images;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Usage;

/// <summary>The JSON of <c>GET /v1/usage/events</c>. Not in it: what concerns the operator (cost, deployment).</summary>
internal static class EventsAnswer
{
    /// <param name="after">Where the page begins: an empty one leads back there.</param>
    public static void Write(Utf8JsonWriter json, UsageEventPage page, long after, LedgerPartition partition)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var entry in page.Entries) Write(json, entry);
        json.WriteEndArray();
        json.WriteString("head_before", page.HeadBefore);
        json.WriteString("head_after", page.HeadAfter);
        json.WriteString("checksum", page.Checksum);
        json.WriteBoolean("has_more", page.HasMore);
        json.WriteString("next_cursor", (after + page.Entries.Count).ToString(CultureInfo.InvariantCulture));
        json.WriteBoolean("livemode", partition.Livemode);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ChainedEntry chained)
    {
        var entry = chained.Entry;
        json.WriteStartObject();
        json.WriteString("object", "usage.event");
        json.WriteNumber("sequence", entry.Sequence);
        json.WriteString("type", entry.Type.ToWire());
        json.WriteString("id", entry.Id);
        json.WriteNumber("at", entry.At.ToUnixTimeSeconds());
        json.WriteNumber("hour", entry.Hour.Start.ToUnixTimeSeconds());
        json.WriteString("amount_usd", entry.Amount.ToString());
        if (entry.GrantId.Length > 0) json.WriteString("grant_id", entry.GrantId);
        if (entry.ExpiresAt is { } expiresAt) json.WriteNumber("expires_at", expiresAt.ToUnixTimeSeconds());
        if (entry.Request is { } request) WriteRequest(json, request);
        json.WriteString("previous", entry.Previous);
        json.WriteString("head", chained.Head);
        json.WriteEndObject();
    }

    private static void WriteRequest(Utf8JsonWriter json, ClosedRequest request)
    {
        var asked = request.Summary;
        json.WriteString("model", asked.Model);
        json.WriteString("quality", asked.Quality);
        json.WriteNumber("images", request.Images);
        json.WriteString("key_id", asked.KeyId);
        json.WriteString("end_user", asked.EndUser.Length == 0 ? null : asked.EndUser);
        json.WritePropertyName("tags");
        json.WriteRawValue(asked.Tags.Length == 0 ? "{}" : asked.Tags);
        json.WriteString("price_version", asked.PriceVersion);
        json.WriteString("quote_usd", request.Quote.ToString());
        ImageAnswer.WriteUsage(json, request.Usage);
        json.WriteString("rail", request.Rail.ToWire());
    }
}
