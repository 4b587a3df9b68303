using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;

namespace ServerlessImages.Browser.Journeys;

/// <summary>An operator, from signing in to a price for tomorrow: every step by what the pages offer, and each seen by the customer it is done to.</summary>
public sealed class OperatorJourneyTests(RunningSite site)
{
    private const string AccountId = "acct_journey";
    private const string Model = "gpt-image-2.5-flare";

    [Fact]
    public async Task From_a_customers_address_to_a_refund_a_freeze_and_a_price_for_tomorrow()
    {
        var (customer, request, charge) = await CustomerAsync();
        using var http = customer;
        await using var visit = await site.VisitAsync(Visitor.Operator);
        var page = visit.Page;

        await FindAsync(page, charge);
        var before = await AvailableAsync(page);
        await RefundAsync(page, request);
        Assert.Equal(before + charge, await AvailableAsync(page));
        await FreezeAsync(page);
        Assert.Equal((HttpStatusCode.PaymentRequired, "account_paused"), await DrawAsync(customer));
        await LetGoOnAsync(page);
        Assert.Equal((HttpStatusCode.OK, ""), await DrawAsync(customer));
        await ReadLogAsync(page);
        await ChangePriceAsync(page);

        visit.AssertNoOtherComplaints("status of 422");
    }

    private static async Task FindAsync(IPage page, decimal charge)
    {
        await page.GotoAsync("/operator");
        await page.GetByRole(AriaRole.Link, new() { Name = "Accounts", Exact = true }).ClickAsync();
        await page.GetByLabel("Search").FillAsync("hopper@journey.ex");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Journey Prints" }).ClickAsync();

        var charged = page.Locator(".stat", new() { HasText = "Charged in 30 days" }).Locator("data");
        var margin = page.Locator(".stat", new() { HasText = "Margin in 30 days" }).Locator("data");
        Assert.Equal(charge, Dollars(await charged.GetAttributeAsync("value")));
        Assert.InRange(Dollars(await margin.GetAttributeAsync("value")), 0.000001m, charge / 2);
    }

    private static async Task RefundAsync(IPage page, string request)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Requests", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Refund " + request }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Refund a request" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("reason");
        Assert.Equal(request, await page.GetByLabel("Request", new() { Exact = true }).InputValueAsync());

        await page.GetByLabel("Reason").FillAsync("The fox has six legs");
        await page.GetByRole(AriaRole.Button, new() { Name = "Refund a request" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("What the request was charged is credit again.");
    }

    private static async Task FreezeAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Freeze the account" }).ClickAsync();
        await page.GetByLabel("Reason").FillAsync("The card was stolen");
        Assert.Empty(await Axe.CheckAsync(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Freeze the account" }).ClickAsync();
        await Assertions.Expect(page.Locator(".badge.bad").First).ToHaveTextAsync("frozen");
    }

    private static async Task LetGoOnAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Let the account go on" }).ClickAsync();
        await page.GetByLabel("Reason").FillAsync("It was found again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Let the account go on" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Freeze the account" })).ToBeVisibleAsync();
    }

    private static async Task ReadLogAsync(IPage page)
    {
        await page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Audit log" }).ClickAsync();
        var rows = page.Locator("tbody tr");
        string[] acts = ["unfreeze_account", "freeze_account", "refund_request"];
        string[] reasons = ["It was found again", "The card was stolen", "The fox has six legs"];
        Assert.Equal(acts.Length, await rows.CountAsync());
        foreach (var (row, act) in acts.Index())
        {
            await Assertions.Expect(rows.Nth(row)).ToContainTextAsync(act);
            await Assertions.Expect(rows.Nth(row)).ToContainTextAsync(reasons[row]);
            await Assertions.Expect(rows.Nth(row)).ToContainTextAsync("ada@example.com");
        }

        await Assertions.Expect(rows.Nth(1)).ToContainTextAsync("not stopped");
        await Assertions.Expect(rows.Nth(1)).ToContainTextAsync("stopped for frozen");
    }

    private static async Task ChangePriceAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Prices", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "New price for " + Model, Exact = true }).ClickAsync();
        var day = await page.GetByLabel("From this day on").InputValueAsync();
        await page.Locator("#cost_output").FillAsync("29.50");
        await page.GetByLabel("Reason").FillAsync("Cheaper from tomorrow on");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview the effect" }).ClickAsync();

        await Assertions.Expect(page.GetByText("The usage of the last 30 days")).ToBeVisibleAsync();
        Assert.Empty(await Axe.CheckAsync(page));
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the price" }).ClickAsync();

        var row = page.Locator("tr", new() { HasText = $"{Model}@{day}+1" });
        await Assertions.Expect(row).ToContainTextAsync("coming");
        await Assertions.Expect(row).ToContainTextAsync(day);
        Assert.InRange(DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture).DayNumber - DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber, 1, 2);
    }

    private static async Task<decimal> AvailableAsync(IPage page) => Dollars(await page.Locator(".stat", new() { HasText = "Available" }).Locator("data").GetAttributeAsync("value"));

    /// <summary>Grace Hopper, who has two dollars and has drawn an image.</summary>
    private async Task<(HttpClient Customer, string Request, decimal Charge)> CustomerAsync()
    {
        var (services, cancel) = (site.Product.Services, TestContext.Current.CancellationToken);
        await services.GetRequiredService<AccountDirectory>().OpenAsync(new Account(AccountId, "Journey Prints", "standard", TimeProvider.System.GetUtcNow()), cancel);
        await services.GetRequiredService<MemberDirectory>().AddFirstAsync(AccountId, new Person(Person.IdOf("https://journey.example", "grace"), "hopper@journey.example", "Grace"), cancel);
        await services.GetRequiredService<AccountLedger>().GrantAsync(new(AccountId, Livemode: true), "journey", Money.Dollars(2));
        var key = await services.GetRequiredService<MintApiKey>().RunAsync(AccountId, Scope.All, cancel);
        var customer = new HttpClient { BaseAddress = site.Product.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text) } };
        using var image = await SendAsync(customer);
        var json = await image.Content.ReadFromJsonAsync<JsonElement>(cancel);
        return (customer, json.GetProperty("id").GetString()!, Dollars(json.GetProperty("cost").GetProperty("amount_usd").GetString()));
    }

    private static async Task<(HttpStatusCode Status, string Code)> DrawAsync(HttpClient customer)
    {
        using var response = await SendAsync(customer);
        var json = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return (response.StatusCode, response.IsSuccessStatusCode ? "" : json.GetProperty("error").GetProperty("code").GetString()!);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient customer) =>
        customer.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt = "A red fox", size = "1024x1024", quality = "low" }, TestContext.Current.CancellationToken);

    private static decimal Dollars(string? text) => decimal.Parse(text!, CultureInfo.InvariantCulture);
}
