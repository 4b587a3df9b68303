using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary>A product that was just deployed: an operator makes it sell.</summary>
public sealed class OperatorApiTests : IAsyncLifetime
{
    private OperatorDirectory directory = null!;
    private Product product = null!;
    private HttpClient desk = null!;

    public async ValueTask InitializeAsync()
    {
        directory = await OperatorDirectory.StartAsync();
        product = await Product.StartAsync(null, directory.Settings);
        desk = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", directory.Token()) } };
    }

    public async ValueTask DisposeAsync()
    {
        desk.Dispose();
        await product.DisposeAsync();
        await directory.DisposeAsync();
    }

    [Fact]
    public async Task An_account_a_key_and_a_grant_make_the_first_paid_image()
    {
        var account = (await DoAsync("/operator/v1/accounts", new { name = "Fox Studio", plan = "wide" })).Text("id");
        var key = await DoAsync($"/operator/v1/accounts/{account}/keys", new { scopes = (string[])["images:generate", "usage:read"] });
        var grant = await DoAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" });
        using var caller = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text("key")) } };
        using var image = await caller.PostAsJsonAsync("/v1/images/generations", new { model = TestCatalog.FlatModel, prompt = "a red fox", size = "1024x1024", quality = "low" }, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, image.StatusCode);
        Assert.Equal(("5.000000", 1), (grant.Text("amount_usd"), grant.GetProperty("sequence").GetInt32()));
        var found = await GetAsync($"/operator/v1/accounts/{account}");
        Assert.Equal(("Fox Studio", "wide", "4.990000", "0.010000"), (found.Text("name"), found.Text("plan"), found.Text("balance", "available_usd"), found.Text("balance", "charged_usd")));
    }

    [Fact]
    public async Task A_grant_that_expires_says_so_in_its_answer_the_log_and_the_customers_balance()
    {
        var account = (await DoAsync("/operator/v1/accounts", new { name = "Fox Studio" })).Text("id");
        var key = await DoAsync($"/operator/v1/accounts/{account}/keys", new { scopes = (string[])["usage:read"] });
        var expiresAt = TimeProvider.System.GetUtcNow().AddDays(30).ToUnixTimeSeconds();
        var grant = await DoAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "spring promotion", expires_at = expiresAt }, "spring");
        await DoAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "spring promotion", expires_at = expiresAt }, "spring");
        using var other = await SendAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "spring promotion" }, "spring");

        Assert.Equal(expiresAt, grant.GetProperty("expires_at").GetInt64());
        await other.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        using var caller = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text("key")) } };
        var balance = await caller.GetFromJsonAsync<JsonElement>("/v1/balance", TestContext.Current.CancellationToken);
        Assert.Equal("5.000000", balance.Text("available_usd"));
        Assert.Equal($$"""[{"grant_id":"{{grant.Text("id")}}","amount_usd":"5.000000","expires_at":{{expiresAt}}}]""", balance.GetProperty("expiring").GetRawText());
        var events = await caller.GetFromJsonAsync<JsonElement>("/v1/usage/events", TestContext.Current.CancellationToken);
        Assert.Equal(expiresAt, events.GetProperty("data")[0].GetProperty("expires_at").GetInt64());
        Assert.Equal($"$5.000000 until {DateTimeOffset.FromUnixTimeSeconds(expiresAt):yyyy-MM-dd HH:mm:ss} UTC", (await GetAsync("/operator/v1/audit")).GetProperty("data")[1].Text("what"));
    }

    [Fact]
    public async Task Every_act_is_in_the_log_with_who_what_and_why_and_without_the_key()
    {
        var account = (await DoAsync("/operator/v1/accounts", new { name = "Fox Studio" })).Text("id");
        var key = (await DoAsync($"/operator/v1/accounts/{account}/keys", new { })).Text("key");
        await DoAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "12.50", reason = "goodwill after the outage" });

        var log = await GetAsync("/operator/v1/audit");

        string[][] expected =
        [
            ["grant_credit", "$12.500000", "goodwill after the outage", "done", "$12.500000 as entry 1"],
            ["mint_key", "a key with images:generate images:edit usage:read keys:manage billing:manage webhooks:manage", "", "done", $"the key {key["si_live_".Length..][..12]}"],
            ["open_account", "the account Fox Studio on the plan standard", "", "done", "the plan standard"],
        ];
        Assert.Equal(expected, log.GetProperty("data").EnumerateArray().Select(act => new[] { act.Text("act"), act.Text("what"), act.Text("reason"), act.Text("outcome"), act.Text("result") }));
        Assert.All(log.GetProperty("data").EnumerateArray(), act => Assert.Equal(("op-1", "ada@example.com", account), (act.Text("operator_id"), act.Text("operator_name"), act.Text("account_id"))));
        Assert.DoesNotContain(key, log.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_is_read_by_the_page()
    {
        for (var number = 1; number <= 3; number++) await DoAsync("/operator/v1/accounts", new { name = $"Fox {number}" });

        var first = await GetAsync("/operator/v1/audit?limit=2");
        var second = await GetAsync($"/operator/v1/audit?limit=2&after={Uri.EscapeDataString(first.Text("next_cursor"))}");

        Assert.Equal((2, true), (first.GetProperty("data").GetArrayLength(), first.GetProperty("has_more").GetBoolean()));
        Assert.Equal((1, false), (second.GetProperty("data").GetArrayLength(), second.GetProperty("has_more").GetBoolean()));
        Assert.Contains("Fox 1", second.GetProperty("data")[0].Text("what"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_sent_again_with_its_key_is_done_once()
    {
        var account = (await DoAsync("/operator/v1/accounts", new { name = "Fox Studio" }, "open-1")).Text("id");
        var again = (await DoAsync("/operator/v1/accounts", new { name = "Fox Studio" }, "open-1")).Text("id");
        using var other = await SendAsync("/operator/v1/accounts", new { name = "Bear Studio" }, "open-1");
        await DoAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" }, "grant-1");
        await DoAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" }, "grant-1");
        using var more = await SendAsync($"/operator/v1/accounts/{account}/grants", new { amount_usd = "6", reason = "welcome" }, "grant-1");

        Assert.Equal(account, again);
        await other.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        await more.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal("5.000000", (await GetAsync($"/operator/v1/accounts/{account}")).Text("balance", "granted_usd"));
    }

    [Theory]
    [InlineData("/operator/v1/accounts", "{}", "missing_required_parameter")]
    [InlineData("/operator/v1/accounts", """{"name":"Fox","plan":"golden"}""", "invalid_value")]
    [InlineData("/operator/v1/accounts", """{"name":"Fox","credit":1}""", "unknown_parameter")]
    [InlineData("/operator/v1/accounts", "", "body_required")]
    [InlineData("/operator/v1/accounts/{id}/keys", """{"scopes":["images:everything"]}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/keys", """{"scopes":[]}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/keys", """{"scopes":"usage:read"}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"amount_usd":"5"}""", "missing_required_parameter")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"reason":"welcome"}""", "missing_required_parameter")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"amount_usd":"-5","reason":"welcome"}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"amount_usd":5,"reason":"welcome"}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"amount_usd":"1000.01","reason":"welcome"}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"amount_usd":"5","reason":"welcome","expires_at":1700000000}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"amount_usd":"5","reason":"welcome","expires_at":4102444800}""", "invalid_value")]
    [InlineData("/operator/v1/accounts/{id}/grants", """{"amount_usd":"5","reason":"welcome","expires_at":"tomorrow"}""", "invalid_value")]
    public async Task What_is_wrong_is_named_and_nothing_is_done_or_logged(string path, string body, string code)
    {
        var account = (await DoAsync("/operator/v1/accounts", new { name = "Fox Studio" })).Text("id");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await desk.PostAsync(new Uri(path.Replace("{id}", account, StringComparison.Ordinal), UriKind.Relative), content, TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);
        Assert.Equal(1, (await GetAsync("/operator/v1/audit")).GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("keys", "{}")]
    [InlineData("grants", """{"amount_usd":"5","reason":"welcome"}""")]
    public async Task Nothing_is_given_to_an_account_that_is_not_there(string what, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await desk.PostAsync(new Uri($"/operator/v1/accounts/acct_nobody/{what}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        using var read = await desk.GetAsync(new Uri("/operator/v1/accounts/acct_nobody", UriKind.Relative), TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "account_not_found");
        await read.AssertErrorAsync(HttpStatusCode.NotFound, "account_not_found");
        Assert.Equal(0, (await GetAsync("/operator/v1/audit")).GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("acct_%23")]
    [InlineData("acct_%3F")]
    [InlineData("acct_%5Cx")]
    [InlineData("keys")]
    public async Task A_text_that_can_be_no_id_is_an_account_that_is_not_there(string id)
    {
        using var read = await desk.GetAsync(new Uri($"/operator/v1/accounts/{id}", UriKind.Relative), TestContext.Current.CancellationToken);

        await read.AssertErrorAsync(HttpStatusCode.NotFound, "account_not_found");
    }

    private async Task<JsonElement> DoAsync(string path, object body, string? key = null)
    {
        using var response = await SendAsync(path, body, key);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.JsonAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(string path, object body, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await desk.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await desk.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }
}
