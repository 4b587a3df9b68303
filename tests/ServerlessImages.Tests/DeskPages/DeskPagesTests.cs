using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using ServerlessImages.Local;
using ServerlessImages.Operators;
using ServerlessImages.Pricing;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Portal;

namespace ServerlessImages.Tests.DeskPages;

/// <summary>What an operator sees at the desk.</summary>
public sealed class DeskPagesTests(DeskFixture desk) : IClassFixture<DeskFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DateOnly Tomorrow => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().AddHours(1).UtcDateTime).AddDays(1);

    [Fact]
    public async Task An_account_is_found_by_the_address_of_who_has_just_come_into_it()
    {
        using var browser = new PortalBrowser(desk.Product);
        await browser.SignInAsync(address: "grace@harbour.example");

        var found = await desk.AskAsync("/operator/accounts?search=GRACE%40harb");
        var page = await desk.AskAsync(found.Links.Single(link => link.StartsWith("/operator/accounts/acct_", StringComparison.Ordinal)));
        var members = await desk.AskAsync(page.Path + "/members");

        Assert.Contains("<h1>grace</h1>", page.Html, StringComparison.Ordinal);
        Assert.Contains("owner", members.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("harbour.example", members.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_shows_its_money_its_margin_and_its_requests_without_what_was_drawn()
    {
        var (account, request, _) = await desk.CustomerAsync();

        var page = await desk.AskAsync($"/operator/accounts/{account}");
        var requests = await desk.AskAsync($"/operator/accounts/{account}/requests");
        var ledger = await desk.AskAsync($"/operator/accounts/{account}/ledger");

        Assert.Contains("value=\"4.990000\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("1 request, 0 not charged", page.Html, StringComparison.Ordinal);
        Assert.Contains(request, requests.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("a red fox", requests.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", requests.Html, StringComparison.Ordinal);
        Assert.Contains(request, ledger.Html, StringComparison.Ordinal);
        Assert.Contains(requests.Links, link => link == $"/operator/accounts/{account}/refund?request={request}");
    }

    [Fact]
    public async Task Whoever_may_only_look_is_offered_no_act()
    {
        var (account, _, _) = await desk.CustomerAsync();
        using var reader = await desk.SignInAsync("reader");
        string[] pages = ["/operator/abuse", "/operator/prices", $"/operator/accounts/{account}", $"/operator/accounts/{account}/requests", $"/operator/accounts/{account}/keys"];

        foreach (var path in pages)
        {
            var page = await reader.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.DoesNotContain(page.Links, link => link.Contains("/grant", StringComparison.Ordinal) || link.Contains("/refund", StringComparison.Ordinal) || link.Contains("/freeze", StringComparison.Ordinal) || link.Contains("/revoke", StringComparison.Ordinal) || link.EndsWith("/new", StringComparison.Ordinal));
        }

        Assert.Contains((await desk.AskAsync($"/operator/accounts/{account}")).Links, link => link.EndsWith("/freeze", StringComparison.Ordinal));
        Assert.Contains((await desk.AskAsync($"/operator/accounts/{account}/keys")).Links, link => link.EndsWith("/revoke", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_overview_counts_what_was_charged_today()
    {
        var (account, _, _) = await desk.CustomerAsync();

        var page = await desk.AskAsync("/operator");
        var revenue = await desk.AskAsync($"/operator/revenue?group_by=model&account_id={account}");
        var wrong = await desk.Operator.GetAsync("/operator/revenue?from=2026-11-20&to=2026-11-19");

        Assert.Contains(page.Links, link => link == $"/operator/accounts/{account}");
        Assert.Contains(TestCatalog.FlatModel, revenue.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"0.010000\"", revenue.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("value=\"2026-11-20\"", wrong.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_price_is_looked_at_before_it_is_added_and_is_added_once()
    {
        await desk.CustomerAsync();
        var form = await desk.AskAsync($"/operator/prices/{TestCatalog.FlatModel}/new");
        (string, string)[] wanted = [("effective_from", Text(Tomorrow)), ("cost_1024x1024_low", "0.01"), ("selling_1024x1024_low", "0.02"), ("source", "the list of today"), ("reason", "dearer upstream")];

        var preview = await desk.SendAsync(form, wanted);
        Assert.Equal(HttpStatusCode.OK, preview.Status);
        Assert.DoesNotContain(await VersionsAsync(), version => version.EndsWith("+1", StringComparison.Ordinal));
        var added = await desk.SendAsync(preview);
        await desk.SendAsync(preview);

        Assert.Equal("/operator/prices", added.Path);
        Assert.Contains("The price was added.", added.Html, StringComparison.Ordinal);
        Assert.Equal([$"{TestCatalog.FlatModel}@{Text(Tomorrow)}+1"], (await VersionsAsync()).Where(version => version.Contains('+', StringComparison.Ordinal)));
        var act = (await desk.Of<AuditLog>().PageAsync(null, "", 10, Cancel)).Acts.First(each => each.Act.Name == "add_price");
        Assert.Equal(("dearer upstream", true, true), (act.Act.Reason, act.Act.Before.Contains("flat@1", StringComparison.Ordinal), act.Result.Contains("0.020000", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("effective_from", "2026-01-01")]
    [InlineData("effective_from", "")]
    [InlineData("cost_1024x1024_low", "")]
    [InlineData("cost_1024x1024_low", "0")]
    [InlineData("selling_1024x1024_low", "-1")]
    [InlineData("source", "")]
    [InlineData("reason", "")]
    public async Task A_price_with_something_wrong_is_neither_shown_nor_added(string field, string value)
    {
        var form = await desk.AskAsync($"/operator/prices/{TestCatalog.FlatModel}/new");
        var wanted = new Dictionary<string, string> { ["effective_from"] = Text(Tomorrow.AddDays(3)), ["cost_1024x1024_low"] = "0.01", ["source"] = "the list", ["reason"] = "because", [field] = value };

        var refused = await desk.SendAsync(form, [.. wanted.Select(each => (each.Key, each.Value))]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains($"id=\"{field}-error\"", refused.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(await VersionsAsync(), version => version.Contains(Text(Tomorrow.AddDays(3)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_shows_who_did_what_and_why_and_can_be_kept_to_one_account()
    {
        var (account, _, _) = await desk.CustomerAsync();
        var (other, _, _) = await desk.CustomerAsync();
        foreach (var each in (string[])[account, other]) await desk.DoAsync($"/operator/accounts/{each}/freeze", ("reason", $"<b>why</b> {each}"));

        var all = await desk.AskAsync("/operator/audit");
        var one = await desk.AskAsync($"/operator/audit?account={account}");

        Assert.Contains($"&lt;b&gt;why&lt;/b&gt; {other}", all.Html, StringComparison.Ordinal);
        Assert.Contains($"&lt;b&gt;why&lt;/b&gt; {account}", one.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(other, one.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Stripe_announces_is_listed_newest_first()
    {
        var customer = await desk.Product.CustomerAsync(micros: 0);
        using var opened = await customer.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "5.00" }, Cancel);
        await Journey.PayAsync(opened, Cancel);

        var page = await desk.AskAsync("/operator/payments");

        Assert.Contains("checkout.session.completed", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_that_says_so()
    {
        string[] paths = ["/operator/accounts/acct_nobody", "/operator/accounts/x%2Fy", "/operator/accounts/acct_nobody/grant", "/operator/books/2020-01-01", "/operator/books/yesterday", "/operator/prices/gpt-image-none/new"];
        foreach (var path in paths) Assert.Equal((path, HttpStatusCode.NotFound), (path, (await desk.Operator.GetAsync(path)).Status));

        // A cursor that nobody was given is the start of a list, or its end.
        foreach (var path in (string[])["accounts", "abuse", "incidents", "audit", "payments", "accounts/acct_demo/requests", "accounts/acct_demo/ledger", "accounts/acct_demo/keys"]) Assert.Equal((path, HttpStatusCode.OK), (path, (await desk.Operator.GetAsync($"/operator/{path}?after=%27%7C%23x")).Status));
    }

    private async Task<IReadOnlyList<string>> VersionsAsync() => [.. (await desk.Of<PriceList>().ReadNowAsync(Cancel)).All.Select(price => price.Version)];

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
