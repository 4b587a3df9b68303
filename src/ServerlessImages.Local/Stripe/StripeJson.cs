using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Reading and writing Stripe's objects, which are kept as the JSON that they are sent as.</summary>
internal static class StripeJson
{
    /// <returns>Empty if there is none.</returns>
    public static string Text(this JsonObject json, string name) => json[name]?.GetValue<string>() ?? "";

    /// <summary>Whether it was set as a long or an int, or read from a file.</summary>
    /// <returns>0 if there is none.</returns>
    public static long Number(this JsonObject json, string name) => json[name] is not JsonValue value ? 0 : value.TryGetValue<long>(out var number) ? number : value.GetValue<int>();

    public static bool Flag(this JsonObject json, string name) => json[name]?.GetValue<bool>() ?? false;

    public static JsonObject Object(this JsonObject json, string name) => json[name]!.AsObject();

    /// <summary>The objects of a list, such as <c>items</c> or <c>lines</c>.</summary>
    public static IReadOnlyList<JsonObject> Data(this JsonObject json, string name) => [.. json.Object(name)["data"]!.AsArray().Select(each => each!.AsObject())];

    public static decimal Decimal(this JsonObject json, string name) => decimal.Parse(json.Text(name), CultureInfo.InvariantCulture);

    public static string Text(this decimal number) => number.ToString("0.############", CultureInfo.InvariantCulture);

    public static JsonObject Copy(this JsonObject json) => json.DeepClone().AsObject();

    public static JsonObject List(string url, IEnumerable<JsonObject> data, bool hasMore = false) => new() { ["object"] = "list", ["url"] = url, ["has_more"] = hasMore, ["data"] = new JsonArray([.. data]) };

    /// <summary>As Stripe adds metadata: an empty value removes its key.</summary>
    public static void Merge(this JsonObject metadata, JsonObject changes)
    {
        foreach (var (name, value) in changes)
        {
            if (value!.GetValue<string>().Length == 0) metadata.Remove(name);
            else metadata[name] = value.DeepClone();
        }
    }
}
