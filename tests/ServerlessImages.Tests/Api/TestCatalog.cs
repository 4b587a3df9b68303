using System.Text.Json.Nodes;
using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Tests.Api;

/// <summary>
/// The shipped models, prices and plans, and with them a model at one flat price of one cent, to be shut down in 30 days, and two plans without markup: one without
/// narrow limits, and one with a single open request.
/// </summary>
internal static class TestCatalog
{
    public const string FlatModel = "gpt-image-flat";

    public static DateOnly FlatShutdown { get; } = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(30);

    public static IEnumerable<KeyValuePair<string, string?>> Write(string folder)
    {
        yield return Save(folder, "ModelsFile", ModelCatalog.ShippedJson, "models", json => json["models"]!.AsArray().Add(Flat(json["models"]![0]!)));
        yield return Save(folder, "PricesFile", PriceBook.ShippedJson, "prices", json => json["prices"]!.AsArray().Add(JsonNode.Parse($$"""
            { "version": "flat@1", "model": "{{FlatModel}}", "effective_from": "2026-01-01", "source": "test", "cost": { "per_image_usd": { "1024x1024": { "low": "0.01" } } } }
            """)));
        yield return Save(folder, "PlansFile", PlanCatalog.ShippedJson, "plans", json =>
        {
            foreach (var (name, open) in (ReadOnlySpan<(string, int)>)[("wide", 200), ("narrow", 1)])
            {
                json["plans"]!.AsArray().Add(new JsonObject { ["name"] = name, ["markup_basis_points"] = 0, ["requests_per_minute"] = 60_000, ["burst"] = 1_000, ["open_requests_max"] = open, ["queue_weight"] = 1 });
            }
        });
    }

    private static JsonNode Flat(JsonNode model)
    {
        var flat = model.DeepClone();
        flat["id"] = FlatModel;
        flat["aliases"] = new JsonArray(FlatModel + "-alias");
        flat["shutdown_date"] = FlatShutdown.ToString("O");
        return flat;
    }

    private static KeyValuePair<string, string?> Save(string folder, string setting, string shipped, string name, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(shipped)!;
        change(json);
        var file = Path.Combine(folder, name + ".json");
        File.WriteAllText(file, json.ToJsonString());
        return KeyValuePair.Create("Catalog:" + setting, (string?)file);
    }
}
