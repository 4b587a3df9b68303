using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ServerlessImages.Tests.Storage;

namespace ServerlessImages.Tests.Infra;

/// <summary>
/// What a parameter file would deploy, with every expression worked out that does not need Azure (<c>bicep snapshot</c>). What only Azure knows stays an expression
/// in brackets.
/// </summary>
internal sealed class Deployment
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Deployment>>> Read = new();

    public static TheoryData<string> ParameterFiles { get; } = ["main.bicepparam", "environments/dev.bicepparam", "environments/test.bicepparam", "environments/prod.bicepparam"];

    public required IReadOnlyList<JsonObject> Resources { get; init; }
    public required IReadOnlyDictionary<string, string> Outputs { get; init; }

    public static Task<Deployment> OfAsync(string parameterFile) => Read.GetOrAdd(parameterFile, file => new(() => ReadAsync(file))).Value;

    public IEnumerable<JsonObject> OfType(string type) => Resources.Where(each => each.Text("type") == type);

    /// <summary>The app settings by name.</summary>
    public IReadOnlyDictionary<string, string> AppSettings => OfType("Microsoft.Web/sites").Single()["properties"]!["siteConfig"]!["appSettings"]!.AsArray()
        .ToDictionary(each => each.Text("name"), each => each.Text("value"));

    /// <summary>A copy is read: the tool writes its file beside the parameters.</summary>
    private static async Task<Deployment> ReadAsync(string parameterFile)
    {
        using var folder = new TemporaryFolder();
        CopyInfra(folder.Path);
        await BicepCli.RunAsync(folder.Path, "snapshot", parameterFile, "--mode", "overwrite", "--tenant-id", Guid.Empty.ToString(), "--subscription-id", Guid.Empty.ToString(), "--resource-group", "images", "--location", "swedencentral", "--deployment-name", "main");
        var snapshot = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, parameterFile.Replace(".bicepparam", ".snapshot.json", StringComparison.Ordinal))))!;
        Assert.Empty(snapshot["diagnostics"]!.AsArray());
        return new Deployment
        {
            Resources = [.. snapshot["predictedResources"]!.AsArray().Select(each => each!.AsObject())],
            Outputs = snapshot["outputs"]!.AsObject().ToDictionary(each => each.Key, each => each.Value!.ToString()),
        };
    }

    public static void CopyInfra(string folder)
    {
        foreach (var file in Directory.GetFiles(BicepCli.Infra, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(BicepCli.Infra, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}

internal static class JsonReading
{
    public static string Text(this JsonNode? json, string name) => json![name]!.ToString();
}
