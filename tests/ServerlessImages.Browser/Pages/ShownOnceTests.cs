using Microsoft.Playwright;

namespace ServerlessImages.Browser.Pages;

/// <summary>Pages that answer a form and are never there again: they are not in the list of pages, and hold to the same.</summary>
public sealed class ShownOnceTests(RunningSite site)
{
    [Fact]
    public async Task A_new_key_is_copied_as_it_is()
    {
        await using var visit = await site.VisitAsync(Visitor.Customer);
        await visit.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await visit.Page.GotoAsync("/portal/keys/new");
        await visit.Page.GetByLabel("Name").FillAsync("From a browser");
        await visit.Page.GetByLabel("Monthly budget").FillAsync("12.50");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        await CheckAsync(visit);

        await visit.Page.Locator(".code").First.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        var copied = await visit.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");

        Assert.Matches("^si_live_[0-9A-Za-z]{50}$", copied);
        Assert.Contains(copied, await visit.Page.Locator(".code").Nth(1).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_endpoint_shows_its_secret()
    {
        await using var visit = await site.VisitAsync(Visitor.Customer);
        await visit.Page.GotoAsync("/portal/webhooks/new");
        await visit.Page.GetByLabel("Address").FillAsync("https://browser.example.com/hooks");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Add endpoint" }).ClickAsync();
        await CheckAsync(visit);

        Assert.StartsWith("whsec_", await visit.Page.Locator(".code code").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invitation_shows_its_link()
    {
        await using var visit = await site.VisitAsync(Visitor.Customer);
        await visit.Page.GotoAsync("/portal/members");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        await CheckAsync(visit);

        Assert.StartsWith($"{site.Product.BaseUrl}portal/invitations/acct_demo.", await visit.Page.Locator(".code code").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_with_a_wrong_field_says_so_where_it_is()
    {
        await using var visit = await site.VisitAsync(Visitor.Customer);
        await visit.Page.GotoAsync("/portal/keys/new");
        await visit.Page.GetByLabel("Name").FillAsync("Wrong");
        await visit.Page.GetByLabel("Monthly budget").FillAsync("much");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();

        Assert.Equal("true", await visit.Page.GetByLabel("Monthly budget").GetAttributeAsync("aria-invalid"));
        Assert.Empty(await Axe.CheckAsync(visit.Page));
    }

    private static async Task CheckAsync(Visit visit)
    {
        Assert.Empty(await Axe.CheckAsync(visit.Page));
        await visit.Page.SetViewportSizeAsync(360, 780);
        Assert.Equal(360, await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        visit.AssertNoOtherComplaints();
    }
}
