using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Browser.Journeys;

/// <summary>What the playground's script does beyond the one image of the journey.</summary>
public sealed class PlaygroundTests(RunningSite site)
{
    private string key = "";

    [Fact]
    public async Task Whoever_stops_waiting_is_told_what_becomes_of_the_image_and_finds_it_charged()
    {
        await using var visit = await OpenAsync();
        var page = visit.Page;
        await page.GetByLabel("Prompt").FillAsync("A lighthouse nobody waits for [slow:2500]");
        await page.GetByLabel("Partial images").SelectOptionAsync("0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw" }).ClickAsync();
        var request = await WaitForAsync("running");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop waiting" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Not waiting any more.");
        await Assertions.Expect(page.Locator(".result .notice")).ToContainTextAsync("it is charged and kept");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Draw" })).ToBeFocusedAsync();
        Assert.Equal(request, await WaitForAsync("succeeded", request));
    }

    [Fact]
    public async Task Several_images_come_at_once_in_the_format_that_was_chosen()
    {
        await using var visit = await OpenAsync();
        var page = visit.Page;
        await page.GetByLabel("Format").SelectOptionAsync("jpeg");
        await page.GetByLabel("Images", new() { Exact = true }).FillAsync("2");
        Assert.True(await page.GetByLabel("Partial images").IsDisabledAsync());
        await Assertions.Expect(page.Locator("figure.code:visible code")).ToContainTextAsync("\"output_format\":\"jpeg\",\"n\":2}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Done: 2 images for $0.0");
        Assert.Equal(["image/jpeg", "image/jpeg"], await page.Locator(".drawn img").EvaluateAllAsync<string[]>("all => all.map(each => each.src.slice(5).split(';')[0])"));
        visit.AssertNoOtherComplaints("ERR_ABORTED");
    }

    [Fact]
    public async Task A_prompt_that_is_refused_says_why_and_costs_nothing()
    {
        await using var visit = await OpenAsync();
        var page = visit.Page;
        await page.GetByLabel("Prompt").FillAsync("[moderated]");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Link)).ToHaveTextAsync("moderation_blocked");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Nothing was drawn.");
        Assert.Equal(0, await page.Locator(".drawn img").CountAsync());
    }

    /// <summary>Somebody new with a dollar and a key: what other tests do to the demo account is nothing to these.</summary>
    private async Task<Visit> OpenAsync()
    {
        var (services, cancel, name) = (site.Product.Services, TestContext.Current.CancellationToken, Guid.CreateVersion7().ToString("N"));
        var visit = await site.VisitAsync(Visitor.Anyone);
        await CustomerJourneyTests.SignUpAsync(visit.Page, name + "@example.com");
        var account = (await services.GetRequiredService<AccountIndex>().FindAsync(name, "", 1, cancel))[0].AccountId;
        await services.GetRequiredService<AccountLedger>().GrantAsync(new(account, Livemode: true), "credit", Money.Dollars(1));
        key = (await services.GetRequiredService<MintApiKey>().RunAsync(account, Scope.All, cancel)).Text;
        await visit.Page.GotoAsync("/portal/playground");
        await Assertions.Expect(visit.Page.Locator(".price")).ToContainTextAsync("At most $0.0");
        return visit;
    }

    /// <returns>The id of the request, once there is one that has come so far.</returns>
    /// <param name="id">Null for any.</param>
    private async Task<string> WaitForAsync(string status, string? id = null)
    {
        using var http = new HttpClient { BaseAddress = site.Product.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        while (true)
        {
            var list = await http.GetFromJsonAsync<JsonElement>("/v1/requests?limit=20", TestContext.Current.CancellationToken);
            var found = list.GetProperty("data").EnumerateArray().FirstOrDefault(each => each.GetProperty("status").GetString() == status && each.GetProperty("id").GetString() is var one && (id ?? one) == one);
            if (found.ValueKind == JsonValueKind.Object) return found.GetProperty("id").GetString()!;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
