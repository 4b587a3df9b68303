using System.Text.Json;
using ServerlessImages.Local.Node;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Contract;

/// <summary>Stripe's own types, of the npm package of the same version of the API as the SDK's; installed once per user, with the schemas that are made of them.</summary>
internal static class StripeTypes
{
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Contract");
    private static readonly string Folder = UserCache.Folder("contract-stripe-23.1.0");
    private static readonly Lazy<Task<string>> Installed = new(() => new NodePackages { Name = "Stripe's types", SourceFolder = Scripts, InstallFolder = Folder }.EnsureAsync(CancellationToken.None));

    /// <returns>Where the exchanges differ from the types; empty: nowhere.</returns>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(IEnumerable<StripeExchange> exchanges, CancellationToken cancel)
    {
        await Installed.Value;
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllLinesAsync(file, exchanges.Select(each => JsonSerializer.Serialize(new { method = each.Method, path = each.Path, fields = each.Fields, status = each.Status, body = JsonDocument.Parse(each.Body).RootElement })), cancel);
            var ended = await NodeTool.RunAsync("node", [Path.Combine(Scripts, "check.mjs"), Folder, file], folder: null, cancel);
            Assert.True(ended.ExitCode == 0, ended.Errors);
            return ended.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
