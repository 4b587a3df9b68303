using System.Text.Json;
using Microsoft.Playwright;
using ServerlessImages.Local.Node;
using ServerlessImages.Tests;

namespace ServerlessImages.Browser;

/// <summary>axe-core, which finds what keeps people from using a page. Installed once per user from npm.</summary>
internal static class Axe
{
    private const string Version = "4.14.1";
    private static readonly Lazy<Task<string>> Script = new(ReadAsync);

    /// <returns>A line for each violation and the elements that have it; none is as it should be.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(IPage page)
    {
        // Evaluated and not loaded: the page's policy lets in no script of another origin, and stays as it is.
        await page.EvaluateAsync(await Script.Value);
        var found = await page.EvaluateAsync<JsonElement>("() => axe.run(document, { resultTypes: ['violations'] }).then(all => all.violations.map(each => `${each.id}: ${each.help}: ${each.nodes.map(node => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | ')}`))");
        return [.. found.EnumerateArray().Select(each => each.GetString()!)];
    }

    private static async Task<string> ReadAsync()
    {
        var packages = new NodePackages { Name = "axe-core", SourceFolder = Path.Combine(AppContext.BaseDirectory, "axe"), InstallFolder = UserCache.Folder("axe-core-" + Version) };
        var modules = await packages.EnsureAsync(CancellationToken.None);
        return await File.ReadAllTextAsync(Path.Combine(modules, "axe-core", "axe.min.js"));
    }
}
