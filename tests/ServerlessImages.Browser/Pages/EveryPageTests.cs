using Microsoft.Playwright;

namespace ServerlessImages.Browser.Pages;

/// <summary>What holds for every page of the list, whatever it shows.</summary>
public sealed class EveryPageTests(RunningSite site)
{
    public static TheoryData<string> Names { get; } = [.. Site.Pages.Select(page => page.Name)];

    /// <summary>As wide as a desk and light, then as narrow as a phone and dark.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_keeps_nobody_out_and_fits_a_narrow_screen(string name)
    {
        await using var visit = await OpenAsync(name);
        Assert.Empty(await Axe.CheckAsync(visit.Page));

        await visit.Page.SetViewportSizeAsync(360, 780);
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });

        Assert.Equal(360, await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Assert.Empty(await Axe.CheckAsync(visit.Page));
        Assert.Empty(visit.Complaints);
    }

    /// <summary>One stop after the other with the tab key: each is to be seen, and to show that it is the one.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Whoever_has_no_mouse_sees_where_they_are(string name)
    {
        await using var visit = await OpenAsync(name);
        var stops = new List<string>();
        for (var stop = 0; stop < 25; stop++)
        {
            await visit.Page.Keyboard.PressAsync("Tab");
            if (await visit.Page.EvaluateAsync<string?>(Focused) is not { } found) break;
            stops.Add(found);
        }

        Assert.NotEmpty(stops);
        Assert.Contains("Skip to the content", stops[0], StringComparison.Ordinal);
        Assert.DoesNotContain(stops, stop => stop.StartsWith("hidden", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_says_all_without_a_script(string name)
    {
        var page = PageOf(name);
        await using var visit = await site.VisitAsync(page.Visitor, hasScript: false);
        await visit.Page.GotoAsync(page.Path);

        Assert.Equal(1, await visit.Page.Locator("main").CountAsync());
        Assert.Equal(1, await visit.Page.Locator("h1").CountAsync());
        Assert.Equal(await visit.Page.Locator(".code").CountAsync(), await visit.Page.Locator(".code:visible").CountAsync());
        Assert.Equal(await visit.Page.Locator(".chart").CountAsync(), await visit.Page.Locator(".chart table:visible").CountAsync());
    }

    private const string Focused = """
        () => {
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          const box = at.getBoundingClientRect(), style = getComputedStyle(at);
          const isSeen = box.width > 1 && box.height > 1 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
          const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
          return `${isSeen && isMarked ? "seen" : "hidden"}: ${at.outerHTML.slice(0, 120)}`;
        }
        """;

    private async Task<Visit> OpenAsync(string name)
    {
        var page = PageOf(name);
        var visit = await site.VisitAsync(page.Visitor);
        await visit.OpenAsync(page);
        return visit;
    }

    private static SitePage PageOf(string name) => Site.Pages.Single(page => page.Name == name);
}
