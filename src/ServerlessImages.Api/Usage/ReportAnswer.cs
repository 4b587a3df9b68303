using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Usage;

/// <summary>The JSON of <c>GET /v1/usage</c>.</summary>
internal static class ReportAnswer
{
    public static void Write(Utf8JsonWriter json, UsageReport report, LedgerPartition partition)
    {
        json.WriteStartObject();
        json.WriteString("object", "usage");
        json.WriteNumber("from", report.Query.From.Start.ToUnixTimeSeconds());
        json.WriteNumber("to", report.Query.To.Start.ToUnixTimeSeconds());
        json.WriteString("bucket", report.Query.Bucket.ToWire());
        json.WriteStartArray("group_by");
        foreach (var dimension in report.Query.GroupBy) json.WriteStringValue(dimension.Name);
        json.WriteEndArray();
        json.WriteStartArray("data");
        foreach (var line in report.Lines) WriteLine(json, line, report.Query.GroupBy);
        json.WriteEndArray();
        json.WriteStartObject("total");
        WriteSums(json, report.Total);
        json.WriteEndObject();
        json.WriteNumber("through_sequence", report.ThroughSequence);
        json.WriteString("currency", "usd");
        json.WriteBoolean("livemode", partition.Livemode);
        json.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter json, UsageLine line, IReadOnlyList<UsageDimension> groupBy)
    {
        json.WriteStartObject();
        json.WriteNumber("start", line.Start.Start.ToUnixTimeSeconds());
        json.WriteNumber("end", line.End.Start.ToUnixTimeSeconds());
        var groups = groupBy.Zip(line.Values).ToArray();
        foreach (var (dimension, value) in groups.Where(group => group.First.TagName is null)) json.WriteString(FieldOf(dimension), OrNull(value));
        WriteTags(json, [.. groups.Where(group => group.First.TagName is not null)]);
        WriteSums(json, line.Sums);
        json.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter json, (UsageDimension Dimension, string Value)[] tags)
    {
        if (tags.Length == 0) return;
        json.WriteStartObject("tags");
        foreach (var (dimension, value) in tags) json.WriteString(dimension.TagName!, OrNull(value));
        json.WriteEndObject();
    }

    private static void WriteSums(Utf8JsonWriter json, UsageSums sums)
    {
        json.WriteNumber("requests", sums.Requests);
        json.WriteNumber("images", sums.Images);
        json.WriteNumber("text_input_tokens", sums.Tokens.TextInput);
        json.WriteNumber("image_input_tokens", sums.Tokens.ImageInput);
        json.WriteNumber("output_tokens", sums.Tokens.Output);
        json.WriteString("amount_usd", sums.Amount.ToString());
    }

    /// <summary>A key is grouped by its id, and called so in every answer.</summary>
    public static string FieldOf(UsageDimension dimension) => dimension == UsageDimension.Key ? "key_id" : dimension.Name;

    private static string? OrNull(string value) => value.Length == 0 ? null : value;
}
