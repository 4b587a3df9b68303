using System.Net;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary>Finding an account, and changing something about it with a reason.</summary>
public sealed class AccountDeskApiTests : IAsyncLifetime
{
    private Desk desk = null!;

    public async ValueTask InitializeAsync() => desk = await Desk.StartAsync();

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public async Task An_account_is_found_by_the_beginning_of_its_id_and_of_each_word_of_its_name()
    {
        var lynx = await desk.AccountAsync("Lynx Studio");
        var bear = await desk.AccountAsync("Bär & Söhne Studio");

        Assert.Equal([lynx], await FoundAsync("LYNX"));
        Assert.Equal([lynx], await FoundAsync("lynx st"));
        Assert.Equal([bear], await FoundAsync("söh"));
        Assert.Equal(new[] { lynx, bear }.Order(StringComparer.Ordinal), (await FoundAsync("studio")).Order(StringComparer.Ordinal));
        Assert.Equal([bear], await FoundAsync(bear[..^1]));
        Assert.Empty(await FoundAsync("ynx"));
        Assert.Empty(await FoundAsync("#/?"));
    }

    [Fact]
    public async Task All_accounts_are_listed_by_the_page_each_once()
    {
        List<string> opened = [.. await FoundAsync("")];
        for (var number = 0; number < 5; number++) opened.Add(await desk.AccountAsync($"Fox {number}"));
        var (listed, after) = (new List<string>(), "");
        do
        {
            var page = await desk.GetAsync($"/operator/v1/accounts?limit=2&after={Uri.EscapeDataString(after)}");
            listed.AddRange(page.GetProperty("data").EnumerateArray().Select(account => account.Text("id")));
            after = page.GetProperty("next_cursor").GetString() ?? "";
        }
        while (after.Length > 0);

        Assert.Equal(opened.Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task A_change_of_plan_is_in_the_log_with_what_was_before_and_holds_at_once()
    {
        var account = await desk.AccountAsync(plan: "standard");

        var changed = await desk.DoAsync(HttpMethod.Put, $"/operator/v1/accounts/{account}/plan", new { plan = "trusted", reason = "pays in time" });

        Assert.Equal("trusted", changed.Text("plan"));
        var found = await desk.GetAsync($"/operator/v1/accounts/{account}");
        Assert.Equal(("trusted", """{"markup_percent":15,"requests_per_minute":600,"burst":50,"open_requests_max":50,"queue_weight":4}"""), (found.Text("plan"), found.GetProperty("plan_terms").GetRawText()));
        await AssertLoggedAsync("change_plan", "standard", "trusted", "pays in time");
    }

    [Fact]
    public async Task A_frozen_account_spends_nothing_until_it_is_let_go_on()
    {
        var (account, customer) = await CustomerAsync();

        await desk.DoAsync(HttpMethod.Put, $"/operator/v1/accounts/{account}/freeze", new { frozen = true, reason = "stolen card" });
        var refused = await Desk.DrawAsync(customer, HttpStatusCode.PaymentRequired);
        await AssertLoggedAsync("freeze_account", "not stopped", "stopped for frozen", "stolen card");
        await desk.DoAsync(HttpMethod.Put, $"/operator/v1/accounts/{account}/freeze", new { frozen = false, reason = "it was not" });
        await Desk.DrawAsync(customer);

        Assert.Equal(("account_paused", "frozen"), (refused.Text("error", "code"), refused.Text("error", "details", "reasons")));
        await AssertLoggedAsync("unfreeze_account", "stopped for frozen", "not stopped", "it was not");
    }

    [Fact]
    public async Task A_charge_is_given_back_once_however_often_it_is_asked()
    {
        var (account, customer) = await CustomerAsync();
        var request = (await Desk.DrawAsync(customer)).Text("id");

        var refund = await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/refunds", new { request_id = request, reason = "six fingers" });
        var again = await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/refunds", new { request_id = request, reason = "six fingers" });

        Assert.Equal(("0.010000", refund.GetRawText()), (refund.Text("amount_usd"), again.GetRawText()));
        Assert.Equal("5.000000", (await desk.GetAsync($"/operator/v1/accounts/{account}")).Text("balance", "available_usd"));
        await desk.AssertRefusedAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/refunds", new { request_id = "req_" + new string('0', 32), reason = "?" }, HttpStatusCode.NotFound, "request_not_found");
        await desk.AssertRefusedAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/refunds", new { request_id = "another", reason = "?" }, HttpStatusCode.NotFound, "request_not_found");
    }

    [Fact]
    public async Task A_request_of_another_account_is_not_given_back()
    {
        var (_, customer) = await CustomerAsync();
        var request = (await Desk.DrawAsync(customer)).Text("id");
        var other = await desk.AccountAsync("Bear");

        await desk.AssertRefusedAsync(HttpMethod.Post, $"/operator/v1/accounts/{other}/refunds", new { request_id = request, reason = "?" }, HttpStatusCode.NotFound, "request_not_found");
    }

    [Fact]
    public async Task A_request_that_cost_nothing_is_not_given_back()
    {
        var (account, customer) = await CustomerAsync();
        using var failed = await customer.PostAsync(new Uri("/v1/images/generations", UriKind.Relative), new StringContent($$"""{"model":"{{TestCatalog.FlatModel}}","prompt":"a fox [moderated]","size":"1024x1024","quality":"low"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        var rows = await desk.GetAsync($"/operator/v1/revenue?account_id={account}");
        var request = failed.Header("x-request-id");

        Assert.False(failed.IsSuccessStatusCode);
        Assert.Equal(1, rows.GetProperty("total").GetProperty("requests_uncharged").GetInt32());
        await desk.AssertRefusedAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/refunds", new { request_id = request, reason = "?" }, HttpStatusCode.NotFound, "nothing_charged");
    }

    [Fact]
    public async Task Credit_is_taken_back_once_for_its_key_and_never_more_than_there_is()
    {
        var (account, _) = await CustomerAsync();
        var path = $"/operator/v1/accounts/{account}/adjustments";

        var taken = await desk.DoAsync(HttpMethod.Post, path, new { take_back_usd = "4", reason = "granted twice" }, "undo-1");
        var again = await desk.DoAsync(HttpMethod.Post, path, new { take_back_usd = "4", reason = "granted twice" }, "undo-1");
        using var other = await desk.SendAsync(HttpMethod.Post, path, new { take_back_usd = "0.5", reason = "granted twice" }, "undo-1");
        using var more = await desk.SendAsync(HttpMethod.Post, path, new { take_back_usd = "1.000001", reason = "all" }, "undo-2");

        Assert.Equal(taken.GetRawText(), again.GetRawText());
        await other.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        await more.AssertErrorAsync(HttpStatusCode.BadRequest, "insufficient_credit");
        var balance = (await desk.GetAsync($"/operator/v1/accounts/{account}")).GetProperty("balance");
        Assert.Equal(("1.000000", "4.000000", "0.000000"), (balance.Text("available_usd"), balance.Text("refunded_usd"), balance.Text("debt_usd")));
        await AssertLoggedAsync("take_back_credit", "$5.000000 available", "$4.000000 as entry 2", "granted twice");
    }

    [Fact]
    public async Task An_accounts_usage_is_what_it_sees_itself()
    {
        var (account, customer) = await CustomerAsync();
        await Desk.DrawAsync(customer);
        foreach (var path in (string[])["usage?bucket=all&group_by=model&to=1900000000", "usage?bucket=all&to=1900000000&format=csv", "usage/events?limit=1&after=1"])
        {
            var own = await customer.GetStringAsync(new Uri("/v1/" + path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(own, await desk.Http.GetStringAsync(new Uri($"/operator/v1/accounts/{account}/{path}", UriKind.Relative), TestContext.Current.CancellationToken));
            await desk.AssertRefusedAsync(HttpMethod.Get, $"/operator/v1/accounts/acct_nobody/{path}", null, HttpStatusCode.NotFound, "account_not_found");
        }

        await desk.AssertRefusedAsync(HttpMethod.Get, $"/operator/v1/accounts/{account}/usage?bucket=week", null, HttpStatusCode.BadRequest, "invalid_value");
    }

    [Fact]
    public async Task A_key_is_listed_without_its_secret_and_spends_nothing_once_it_is_revoked()
    {
        var (account, customer) = await CustomerAsync();
        var listed = Assert.Single((await desk.GetAsync($"/operator/v1/accounts/{account}/keys")).GetProperty("data").EnumerateArray().ToArray());
        var id = listed.Text("id");

        var revoked = await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/keys/{id}/revoke", new { reason = "found on GitHub" });
        await Desk.DrawAsync(customer, HttpStatusCode.Unauthorized);

        Assert.False(listed.TryGetProperty("key", out _));
        Assert.Equal(("active", "revoked"), (listed.Text("status"), revoked.Text("status")));
        Assert.Empty((await desk.GetAsync($"/operator/v1/accounts/{account}/keys")).GetProperty("data").EnumerateArray());
        Assert.Equal(id, (await desk.GetAsync($"/operator/v1/accounts/{account}/keys?revoked=true")).GetProperty("data")[0].Text("id"));
        await AssertLoggedAsync("revoke_key", "good", "revoked", "found on GitHub");
        var other = await desk.AccountAsync("Bear");
        await desk.AssertRefusedAsync(HttpMethod.Post, $"/operator/v1/accounts/{other}/keys/{id}/revoke", new { reason = "?" }, HttpStatusCode.NotFound, "key_not_found");
    }

    [Fact]
    public async Task What_is_wrong_is_named_and_nothing_is_done_or_logged()
    {
        var account = await desk.AccountAsync();
        foreach (var (method, what, body, code) in (IEnumerable<(string, string, string, string)>)
        [
            ("PUT", "plan", """{"plan":"trusted"}""", "missing_required_parameter"),
            ("PUT", "plan", """{"reason":"why"}""", "missing_required_parameter"),
            ("PUT", "plan", """{"plan":"golden","reason":"why"}""", "invalid_value"),
            ("PUT", "freeze", """{"frozen":true}""", "missing_required_parameter"),
            ("PUT", "freeze", """{"reason":"why"}""", "missing_required_parameter"),
            ("PUT", "freeze", """{"frozen":"yes","reason":"why"}""", "invalid_value"),
            ("POST", "refunds", """{"request_id":"req_1"}""", "missing_required_parameter"),
            ("POST", "refunds", """{"reason":"why"}""", "missing_required_parameter"),
            ("POST", "adjustments", """{"take_back_usd":"1"}""", "missing_required_parameter"),
            ("POST", "adjustments", """{"take_back_usd":"0","reason":"why"}""", "invalid_value"),
            ("POST", "adjustments", """{"take_back_usd":"1000.01","reason":"why"}""", "invalid_value"),
            ("POST", "keys/4fJ8sK2mQ9xZ/revoke", "{}", "missing_required_parameter"),
        ])
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"/operator/v1/accounts/{account}/{what}", UriKind.Relative)) { Content = content };
            using var response = await desk.Http.SendAsync(request, TestContext.Current.CancellationToken);
            await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);
        }

        Assert.Equal(1, (await desk.GetAsync("/operator/v1/audit")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Nothing_is_changed_about_an_account_that_is_not_there()
    {
        foreach (var (method, what, body) in (IEnumerable<(HttpMethod, string, object?)>)
        [
            (HttpMethod.Put, "plan", new { plan = "trusted", reason = "why" }), (HttpMethod.Put, "freeze", new { frozen = true, reason = "why" }), (HttpMethod.Post, "refunds", new { request_id = "req_1", reason = "why" }),
            (HttpMethod.Post, "adjustments", new { take_back_usd = "1", reason = "why" }), (HttpMethod.Get, "keys", null), (HttpMethod.Post, "keys/4fJ8sK2mQ9xZ/revoke", new { reason = "why" }),
        ])
        {
            await desk.AssertRefusedAsync(method, $"/operator/v1/accounts/acct_nobody/{what}", body, HttpStatusCode.NotFound, "account_not_found");
        }

        Assert.Equal(0, (await desk.GetAsync("/operator/v1/audit")).GetProperty("data").GetArrayLength());
    }

    private async Task<(string Account, HttpClient Customer)> CustomerAsync()
    {
        var account = await desk.AccountAsync();
        await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" });
        return (account, (await desk.KeyAsync(account)).Http);
    }

    private async Task<string[]> FoundAsync(string text) =>
        [.. (await desk.GetAsync($"/operator/v1/accounts?limit=100&search={Uri.EscapeDataString(text)}")).GetProperty("data").EnumerateArray().Select(account => account.Text("id"))];

    private async Task AssertLoggedAsync(string act, string before, string result, string reason)
    {
        var logged = (await desk.GetAsync("/operator/v1/audit")).GetProperty("data").EnumerateArray().First(each => each.Text("act") == act);
        Assert.Equal((before, result, reason, "done"), (logged.Text("before"), logged.Text("result"), logged.Text("reason"), logged.Text("outcome")));
    }
}
