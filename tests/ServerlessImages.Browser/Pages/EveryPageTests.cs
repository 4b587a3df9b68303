using Microsoft.Playwright;

namespace ServerlessImages.Browser.Pages;

/// <summary>What holds for every page of the list, whatever it shows.</summary>
public sealed class EveryPageTests(RunningSite site)
{
    private const int StopsMax = 25;

    public static TheoryData<string> Names { get; } = [.. Site.Pages.Select(page => page.Name)];

    /// <summary>Walked through by key, then looked at as wide as a desk and light, then as narrow as a phone and dark: one visit, since each costs the time of a page.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_keeps_nobody_out_with_or_without_a_mouse_and_fits_a_narrow_screen(string name)
    {
        var page = Site.Pages.Single(each => each.Name == name);
        await using var visit = await site.VisitAsync(page.Visitor);
        await visit.OpenAsync(page);
        var stops = await StopsAsync(visit.Page);
        Assert.NotEmpty(stops);
        Assert.Contains("Skip to the content", stops[0], StringComparison.Ordinal);
        Assert.DoesNotContain(stops, stop => stop.StartsWith("hidden", StringComparison.Ordinal));
        Assert.Empty(await Axe.CheckAsync(visit.Page));

        await visit.Page.SetViewportSizeAsync(360, 780);
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });

        Assert.Equal(360, await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Assert.Empty(await Axe.CheckAsync(visit.Page));
        visit.AssertNoOtherComplaints();
    }

    /// <summary>One after the other with the tab key: each is to be seen, and to show that it is the one.</summary>
    private static async Task<IReadOnlyList<string>> StopsAsync(IPage page)
    {
        var stops = new List<string>();
        for (var stop = 0; stop < StopsMax; stop++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string?>(Focused) is not { } found) break;
            stops.Add(found);
        }

        return stops;
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
}
