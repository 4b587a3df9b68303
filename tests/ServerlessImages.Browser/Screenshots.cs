using System.Globalization;
using Microsoft.Playwright;

namespace ServerlessImages.Browser;

/// <summary>A picture of every page, as wide as a phone, a tablet and a desk, in both themes: to be looked at.</summary>
internal static class Screenshots
{
    public static readonly int[] Widths = [360, 820, 1440];

    public static async Task<int> TakeAsync(string folder, string name, TextWriter output, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        await using var site = new RunningSite();
        await site.InitializeAsync();
        foreach (var page in Site.Pages.Where(page => page.Name.Contains(name, StringComparison.Ordinal)))
        {
            foreach (var width in Widths)
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark]) await TakeAsync(site, page, width, theme, folder);
            }

            await output.WriteLineAsync($"{page.Name}: {string.Join(", ", Widths)}");
        }

        return 0;
    }

    private static async Task TakeAsync(RunningSite site, SitePage page, int width, ColorScheme theme, string folder)
    {
        await using var visit = await site.VisitAsync(page.Visitor, width, theme);
        await visit.OpenAsync(page);
        var file = string.Create(CultureInfo.InvariantCulture, $"{page.Name}-{width}-{theme.ToString().ToLowerInvariant()}.png");
        await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, file), FullPage = true });
    }
}
