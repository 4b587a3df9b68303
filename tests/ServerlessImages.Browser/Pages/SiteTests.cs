using Microsoft.Playwright;

namespace ServerlessImages.Browser.Pages;

/// <summary>What the script adds to pages.</summary>
public sealed class SiteTests(RunningSite site)
{
    [Fact]
    public async Task A_chosen_theme_is_there_at_once_and_on_the_next_page()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone);
        await visit.Page.GotoAsync("/");
        var light = await BackgroundAsync(visit.Page);

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Dark" }).ClickAsync();
        var dark = await BackgroundAsync(visit.Page);
        await visit.Page.GotoAsync("/guides");

        Assert.NotEqual(light, dark);
        Assert.Equal(dark, await BackgroundAsync(visit.Page));
        visit.AssertNoOtherComplaints();
    }

    [Fact]
    public async Task A_theme_can_be_chosen_without_a_script()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone, hasScript: false);
        await visit.Page.GotoAsync("/guides");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Dark" }).ClickAsync();

        Assert.EndsWith("/guides", visit.Page.Url, StringComparison.Ordinal);
        Assert.Equal("dark", await visit.Page.Locator("html").GetAttributeAsync("data-theme"));
    }

    [Fact]
    public async Task A_language_is_chosen_once_for_all_pages()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone);
        await visit.Page.GotoAsync("/#start");
        Assert.Equal(1, await visit.Page.Locator(".code:visible").CountAsync());

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Python" }).ClickAsync();
        await visit.Page.GotoAsync("/guides/streaming");

        Assert.Contains("from openai import OpenAI", await visit.Page.Locator("[data-codes] .code:visible").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_is_copied_as_it_is()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone);
        await visit.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await visit.Page.GotoAsync("/");
        await visit.Page.Locator(".code:visible").GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();

        var copied = await visit.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");

        Assert.StartsWith($"curl {site.Product.BaseUrl.AbsoluteUri}v1/images/generations", copied, StringComparison.Ordinal);
        Assert.Equal(await visit.Page.Locator(".code:visible code").TextContentAsync(), copied);
    }

    [Fact]
    public async Task On_a_narrow_screen_the_menu_opens_with_a_key_and_closes_with_another()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone, width: 360);
        await visit.Page.GotoAsync("/style");
        var link = visit.Page.GetByRole(AriaRole.Link, new() { Name = "Playground" });
        Assert.False(await link.IsVisibleAsync());

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).PressAsync("Enter");
        Assert.True(await link.IsVisibleAsync());
        await visit.Page.Keyboard.PressAsync("Escape");

        Assert.False(await link.IsVisibleAsync());
    }

    /// <summary>Or all the other tests would find nothing, whatever there was.</summary>
    [Fact]
    public async Task What_the_policy_refuses_is_noticed()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone);
        await visit.Page.GotoAsync("/status");
        await visit.Page.EvaluateAsync("() => document.body.setAttribute('style', 'color: red')");
        await visit.Page.EvaluateAsync("() => document.body.append(Object.assign(document.createElement('img'), { src: 'https://elsewhere.example/x.png' }))");

        Assert.Contains(visit.Complaints, each => each.Contains("style", StringComparison.Ordinal));
        Assert.Contains(visit.Complaints, each => each.Contains("elsewhere.example", StringComparison.Ordinal));
    }

    private static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}
