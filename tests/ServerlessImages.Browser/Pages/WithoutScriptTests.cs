namespace ServerlessImages.Browser.Pages;

/// <summary>What every page of the list says to a browser that runs no script: all of it.</summary>
public sealed class WithoutScriptTests(RunningSite site)
{
    public static TheoryData<string> Names => EveryPageTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_says_all_without_a_script(string name)
    {
        var page = Site.Pages.Single(each => each.Name == name);
        await using var visit = await site.VisitAsync(page.Visitor, hasScript: false);
        await visit.Page.GotoAsync(page.Path);

        Assert.Equal(1, await visit.Page.Locator("main").CountAsync());
        Assert.Equal(1, await visit.Page.Locator("h1").CountAsync());
        Assert.Equal(await visit.Page.Locator(".code").CountAsync(), await visit.Page.Locator(".code:visible").CountAsync());
        Assert.Equal(await visit.Page.Locator(".chart").CountAsync(), await visit.Page.Locator(".chart table:visible").CountAsync());
    }
}
