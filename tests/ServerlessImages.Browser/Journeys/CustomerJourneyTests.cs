using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace ServerlessImages.Browser.Journeys;

/// <summary>A customer, from the first page to a key that is rotated, as a person goes: every step by what the pages offer.</summary>
public sealed partial class CustomerJourneyTests(RunningSite site)
{
    private const string Prompt = "A red fox signs its \"first\" invoice";

    [Fact]
    public async Task From_the_first_page_to_an_image_its_bill_a_budget_and_a_new_key()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone);
        var page = visit.Page;
        await SignUpAsync(page, "walker@example.com");
        await TopUpAsync(page, "20");
        var key = await MakeKeyAsync(page, "Journey");
        var (request, cost) = await DrawAsync(page);
        await FindRequestAsync(page, request, cost);
        await SetBudgetAsync(page, "0.015");
        await AssertBudgetIsKeptAsync(page);
        var successor = await RotateAsync(page);

        Assert.Equal(("key_expired", "key_budget_exceeded"), (await CodeOfAsync(key), await CodeOfAsync(successor)));

        // The refusal that was asked for, and quotes that nobody waited for any more.
        visit.AssertNoOtherComplaints("status of 402", "ERR_ABORTED");
    }

    [Fact]
    public async Task Without_a_script_credit_is_bought_and_an_image_is_drawn_all_the_same()
    {
        await using var visit = await site.VisitAsync(Visitor.Anyone, width: 360, hasScript: false);
        var page = visit.Page;
        await SignUpAsync(page, "scriptless@example.com");
        await TopUpAsync(page, "5");
        await MakeKeyAsync(page, "Plain");
        await page.GotoAsync("/portal/playground");
        await page.GetByLabel("Prompt").FillAsync(Prompt);
        await page.GetByRole(AriaRole.Button, new() { Name = "What would it cost?" }).ClickAsync();
        await Assertions.Expect(page.Locator(".price")).ToContainTextAsync("At most $0.0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Done: one image.");
        Assert.Equal(1024, await page.Locator(".drawn img").EvaluateAsync<int>("image => image.naturalWidth"));
        Assert.Equal(4, await page.Locator(".code:visible").CountAsync());
        await page.ReloadAsync();
        await page.GotoAsync("/portal/billing/ledger");
        Assert.Equal(1, await page.GetByText("Images were delivered").CountAsync());
    }

    /// <summary>Whoever has the address, with an account of their own.</summary>
    internal static async Task SignUpAsync(IPage page, string address)
    {
        await page.GotoAsync("/");
        if (!await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).IsVisibleAsync()) await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue" }).ClickAsync();
        await page.GetByLabel("Somebody else").FillAsync(address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await page.WaitForURLAsync("**/portal");
    }

    private static async Task TopUpAsync(IPage page, string dollars)
    {
        await page.GotoAsync("/portal/billing");
        await page.GetByLabel("Amount in US dollars").FillAsync(dollars);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay with Stripe" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $" }).ClickAsync();

        await page.WaitForURLAsync("**/portal/billing?done=paid");
        await Assertions.Expect(page.Locator(".stat .money").First).ToHaveTextAsync($"${dollars}.000000");
    }

    /// <returns>Its text, which is shown this once.</returns>
    private static async Task<string> MakeKeyAsync(IPage page, string name)
    {
        await page.GotoAsync("/portal/playground");
        await page.GetByRole(AriaRole.Link, new() { Name = "Create a key" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        return await KeyOnPageAsync(page);
    }

    private static async Task<string> KeyOnPageAsync(IPage page) =>
        KeyText().Match(await page.Locator("main").InnerTextAsync()).Value is { Length: > 0 } key ? key : throw new InvalidOperationException("The page shows no key.");

    private static async Task<(string Request, string Cost)> DrawAsync(IPage page)
    {
        await page.GotoAsync("/portal/playground");
        await page.GetByLabel("Prompt").FillAsync(Prompt + " [slow:1500]");
        await page.GetByLabel("Partial images").SelectOptionAsync("2");
        await Assertions.Expect(page.Locator(".price")).ToContainTextAsync("396 output tokens");
        await Assertions.Expect(page.Locator("figure.code:visible code")).ToContainTextAsync("\"partial_images\":2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw" }).PressAsync("Enter");

        await Assertions.Expect(page.GetByRole(AriaRole.Img, new() { Name = "Not finished yet" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Done: one image for $0.0");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Draw" })).ToBeFocusedAsync();
        Assert.Equal(1024, await page.Locator(".drawn img").EvaluateAsync<int>("image => image.naturalWidth"));
        Assert.Empty(await Axe.CheckAsync(page));
        return (await page.Locator(".facts a").InnerTextAsync(), await page.Locator(".facts .money").First.InnerTextAsync());
    }

    private static async Task FindRequestAsync(IPage page, string request, string cost)
    {
        await page.Locator(".facts a").ClickAsync();
        await Assertions.Expect(page.Locator(".receipt").First).ToContainTextAsync(cost);
        Assert.EndsWith(request, page.Url, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Overview" }).ClickAsync();
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var bar = page.Locator(".chart tr", new() { HasText = today });
        await Assertions.Expect(bar).ToContainTextAsync(cost.TrimStart('$'));
    }

    private static async Task SetBudgetAsync(IPage page, string dollars)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "API keys" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Journey" }).ClickAsync();
        await page.GetByLabel("Monthly budget").FillAsync(dollars);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save limits" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
    }

    /// <summary>It has room for one more image.</summary>
    private static async Task AssertBudgetIsKeptAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Playground" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Done: one image");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("key_budget_exceeded");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Nothing was drawn.");
        Assert.Empty(await Axe.CheckAsync(page));
    }

    private static async Task<string> RotateAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "API keys" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Journey" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Rotate" }).ClickAsync();
        await page.Locator("input[name='overlap_seconds'][value='0']").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        return await KeyOnPageAsync(page);
    }

    /// <returns>The code with which a call of the key is refused.</returns>
    private async Task<string> CodeOfAsync(string key)
    {
        using var http = new HttpClient { BaseAddress = site.Product.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var answer = await http.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt = Prompt, size = "1024x1024", quality = "low" }, TestContext.Current.CancellationToken);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return json.GetProperty("error").GetProperty("code").GetString()!;
    }

    [GeneratedRegex("si_(live|test)_[0-9A-Za-z]{50}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex KeyText();
}
