using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>What an account did is seen by its members, each as far as their role goes, and by nobody else.</summary>
public sealed class RequestPagesTests : IAsyncLifetime
{
    private static readonly LedgerPartition Live = new("acct_demo", Livemode: true);
    private Product product = null!;
    private PortalBrowser browser = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(options => options with { Identity = true });
        browser = new PortalBrowser(product);
        await browser.SignInAsync("customer");
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await product.DisposeAsync();
    }

    [Fact]
    public async Task An_account_that_has_nothing_yet_is_led_to_its_first_image()
    {
        using var owner = new PortalBrowser(product);
        var none = await owner.SignInAsync(address: "new@example.com");
        var demo = await browser.GetAsync("/portal");

        Assert.Contains("Three steps to a first image", none.Html, StringComparison.Ordinal);
        Assert.Contains("/portal/billing", none.Links.Skip(12));
        Assert.DoesNotContain(">done<", none.Html, StringComparison.Ordinal);
        Assert.Contains(">done<", demo.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_on_every_page_with_its_image_its_cost_and_its_receipt()
    {
        var id = await DrawAsync(Live, "A red fox", new { team = "shop" });
        var entry = (await product.Ledger.FindAsync(Live, id, Cancel)).Entry!;

        var (overview, usage, requests, request) = (await browser.GetAsync("/portal"), await browser.GetAsync("/portal/usage?by=tag:team"), await browser.GetAsync("/portal/requests"), await browser.GetAsync($"/portal/requests/{id}"));

        foreach (var page in (PortalBrowser.Page[])[overview, usage, requests, request]) Assert.Contains($"value=\"{entry.Amount}\"", page.Html, StringComparison.Ordinal);
        foreach (var page in (PortalBrowser.Page[])[overview, requests, request]) Assert.Contains("width=\"1024\" height=\"1024\" alt=\"Image 1 of 1, 1024x1024, by gpt-image-2\" loading=\"lazy\"", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Three steps", overview.Html, StringComparison.Ordinal);
        Assert.Contains("/portal/requests?tag.team=shop", usage.Links);
        Assert.Contains($"/portal/requests/{id}", (await browser.GetAsync("/portal/requests?tag.team=shop")).Links);
        Assert.DoesNotContain($"/portal/requests/{id}", (await browser.GetAsync("/portal/requests?tag.team=others")).Links);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(request.Links.First(link => link.StartsWith("/f/", StringComparison.Ordinal)))).Status);
    }

    [Fact]
    public async Task The_receipt_that_is_downloaded_is_the_API_s()
    {
        var id = await DrawAsync(Live, "A red fox");
        using var api = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", product.Local.DemoKey) } };
        using var answer = await api.GetAsync(new Uri($"/v1/receipts/{id}", UriKind.Relative), Cancel);

        using var download = await browser.Http.GetAsync(new Uri($"/portal/requests/{id}/receipt.jws", UriKind.Relative), Cancel);
        var jws = await download.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(("application/jose", $"{id}.jws"), (download.Content.Headers.ContentType!.MediaType, download.Content.Headers.ContentDisposition!.FileName));
        Assert.Equal((await answer.JsonAsync()).Text("jws").Split('.')[..2], jws.Split('.')[..2]);
    }

    [Fact]
    public async Task A_request_that_failed_costs_nothing_and_leads_to_what_its_error_means()
    {
        var id = await DrawAsync(Live, "A storm [500]");

        var page = await browser.GetAsync($"/portal/requests/{id}");

        Assert.Contains("/docs/errors#upstream_failed", page.Links);
        Assert.Contains("Nothing was charged, so there is no receipt.", page.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"/portal/requests/{id}/receipt.jws")).Status);
        Assert.Contains($"/portal/requests/{id}", (await browser.GetAsync("/portal/requests?status=failed")).Links);
        Assert.Contains("1 not charged", (await browser.GetAsync("/portal")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_are_deleted_after_a_question_and_the_charge_stands()
    {
        var id = await DrawAsync(Live, "A red fox");
        var question = await browser.GetAsync($"/portal/requests/{id}/delete");
        Assert.Single(await FilesAsync(id));

        var done = await browser.SubmitAsync(FormOf(question));

        Assert.Contains("The images are deleted.", done.Html, StringComparison.Ordinal);
        Assert.Contains("The images are not kept any more", done.Html, StringComparison.Ordinal);
        Assert.Contains("receipt.jws", done.Html, StringComparison.Ordinal);
        Assert.Empty(await FilesAsync(id));
        Assert.DoesNotContain("<img", (await browser.GetAsync("/portal/requests")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_account_s_request_is_not_found_and_not_deleted()
    {
        var id = await DrawAsync(Live, "A red fox");
        using var stranger = new PortalBrowser(product);
        var home = await stranger.SignInAsync(address: "stranger@example.com");

        foreach (var address in (string[])[$"/portal/requests/{id}", $"/portal/requests/{id}?mode=test", $"/portal/requests/{id}/receipt.jws", $"/portal/requests/{id}/delete"])
        {
            Assert.Equal((address, HttpStatusCode.NotFound), (address, (await stranger.GetAsync(address)).Status));
        }

        var own = home with { Html = $"<form method=\"post\" action=\"/portal/requests/{id}/delete\">" + home.Html.Split("<form method=\"post\"")[1].Split('>', 2)[1] };
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.SubmitAsync(own)).Status);
        Assert.Single(await FilesAsync(id));
    }

    [Fact]
    public async Task What_test_keys_did_is_shown_apart_and_as_such()
    {
        var test = Live with { Livemode = false };
        var id = await DrawAsync(test, "A paper boat");

        var page = await browser.GetAsync($"/portal/requests/{id}?mode=test");

        Assert.Contains("Test mode.", page.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"/portal/requests/{id}")).Status);
        Assert.Contains($"/portal/requests/{id}?mode=test", (await browser.GetAsync("/portal/requests?mode=test")).Links);
        Assert.DoesNotContain($"/portal/requests/{id}", (await browser.GetAsync("/portal/requests")).Html, StringComparison.Ordinal);
        Assert.Contains("gpt-image-2", (await browser.GetAsync("/portal/usage?mode=test")).Html, StringComparison.Ordinal);
        Assert.Contains("Nothing was charged in these days", (await browser.GetAsync("/portal/usage")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_pays_sees_what_was_spent_and_no_request()
    {
        var id = await DrawAsync(Live, "A red fox");
        using var payer = new PortalBrowser(product);
        await BringInAsync(payer, MemberRole.Billing);

        var (overview, usage) = (await payer.GetAsync("/portal"), await payer.GetAsync("/portal/usage"));

        foreach (var page in (PortalBrowser.Page[])[overview, usage])
        {
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.DoesNotContain(id, page.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("/f/", page.Html, StringComparison.Ordinal);
            Assert.DoesNotContain(page.Links, link => link.StartsWith("/portal/requests?", StringComparison.Ordinal));
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await payer.GetAsync($"/portal/requests/{id}")).Status);
    }

    [Fact]
    public async Task The_download_of_usage_is_its_table()
    {
        var id = await DrawAsync(Live, "A red fox", new { team = "=cmd" });
        var amount = (await product.Ledger.FindAsync(Live, id, Cancel)).Entry!.Amount;

        using var download = await browser.Http.GetAsync(new Uri("/portal/usage.csv?by=tag:team&days=7", UriKind.Relative), Cancel);
        var lines = (await download.Content.ReadAsStringAsync(Cancel)).Split("\r\n");

        Assert.Equal("text/csv", download.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("start,end,tag:team,requests,images,", lines[0], StringComparison.Ordinal);
        Assert.Contains(",'=cmd,1,1,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("," + amount, lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/portal/usage?by=end_user")]
    [InlineData("/portal/usage?by=tag:never")]
    [InlineData("/portal/usage?days=8")]
    [InlineData("/portal/usage?from=2026-02-01&to=2026-01-01")]
    [InlineData("/portal/usage?from=2026-01-01&to=2026-12-01")]
    [InlineData("/portal/usage?from=0001-01-01&to=9999-12-31")]
    [InlineData("/portal/usage?to=9999-12-31")]
    [InlineData("/portal/usage.csv?mode=other")]
    [InlineData("/portal/requests?status=asleep")]
    [InlineData("/portal/requests?day=yesterday")]
    [InlineData("/portal/requests?before=-1")]
    [InlineData("/portal/requests?limit=1000000")]
    public async Task A_question_that_makes_no_sense_is_refused(string address)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync(address)).Status);
    }

    [Theory]
    [InlineData("/portal/usage?to=0001-01-01")]
    [InlineData("/portal/requests?day=0001-01-01")]
    [InlineData("/portal/requests?day=9999-12-31")]
    [InlineData("/portal/requests?before=999999999999")]
    public async Task Days_before_and_after_everything_have_nothing(string address)
    {
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(address)).Status);
    }

    private static PortalBrowser.Page FormOf(PortalBrowser.Page page) => page with { Html = page.Html[page.Html.IndexOf("sheet confirm", StringComparison.Ordinal)..] };

    private async Task<string[]> FilesAsync(string id) => [.. (await browser.GetAsync($"/portal/requests/{id}")).Links.Where(link => link.StartsWith("/f/", StringComparison.Ordinal)).Distinct()];

    private async Task BringInAsync(PortalBrowser member, MemberRole role)
    {
        var demo = (await product.Local.Services.GetRequiredService<AccountDirectory>().FindAsync(Live.Account, Cancel))!;
        var (_, token) = (await product.Local.Services.GetRequiredService<Invitations>().InviteAsync(demo, role, "person", Cancel)).Value();
        await member.SubmitAsync(await member.SignInAsync(address: $"{role}@example.com", page: $"/portal/invitations/{token}"));
    }

    /// <returns>The request's id, also of one that failed.</returns>
    private async Task<string> DrawAsync(LedgerPartition partition, string prompt, object? tags = null)
    {
        if (partition.Livemode) await product.Ledger.GrantAsync(partition, "grant", Money.Dollars(5));
        var key = partition.Livemode ? product.Local.DemoKey : (await product.Local.Services.GetRequiredService<CreateApiKey>().RunAsync(partition, new KeyTerms(Scope.All), new BudgetLimits(), Cancel)).Value().Text.Text;
        using var http = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var response = await http.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt, size = "1024x1024", quality = "low", tags }, Cancel);
        return response.Header("x-request-id");
    }
}
