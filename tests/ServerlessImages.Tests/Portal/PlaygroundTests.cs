using System.Net;
using System.Net.Http.Json;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>What a member draws at the playground is what the key that they chose would have drawn: same money, same limits, same records.</summary>
public sealed class PlaygroundTests(PortalProduct portal) : IClassFixture<PortalProduct>, IAsyncLifetime
{
    private static readonly object Cheap = new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low" };
    private Customer customer = null!;
    private PortalBrowser browser = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string KeyId => customer.Key[8..20];

    public async ValueTask InitializeAsync()
    {
        customer = await portal.Product.CustomerAsync(plan: "standard");
        browser = await portal.MemberAsync(customer);
    }

    public ValueTask DisposeAsync()
    {
        browser.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_drawing_is_charged_to_the_chosen_key_and_has_its_receipt()
    {
        using var answer = await CallAsync("generations", Cheap);
        var drawn = await answer.JsonAsync();
        var request = await customer.RequestAsync(drawn.Text("id"));
        using var receipt = await customer.Http.GetAsync(new Uri("/v1/receipts/" + drawn.Text("id"), UriKind.Relative), Cancel);
        using var usage = await customer.Http.GetAsync(new Uri("/v1/usage?group_by=key", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(new Money(5_000_000) - drawn.Money("cost", "amount_usd"), (await customer.BalanceAsync()).Available);
        Assert.Equal((KeyId, "succeeded"), (request.Text("key_id"), request.Text("status")));
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
        Assert.Contains(KeyId, await usage.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drawing_costs_its_quote_at_most_and_the_quote_is_the_APIs()
    {
        using var here = await CallAsync("quotes", Cheap);
        using var there = await customer.Http.PostAsJsonAsync("/v1/quotes", Cheap, Cancel);
        using var drawn = await CallAsync("generations", Cheap);

        Assert.Equal((await there.JsonAsync()).Text("quote_usd"), (await here.JsonAsync()).Text("quote_usd"));
        Assert.Equal((await there.JsonAsync()).Text("quote_usd"), (await drawn.JsonAsync()).Text("cost", "quote_usd"));
    }

    [Fact]
    public async Task A_stream_brings_partial_images_then_the_image_and_its_cost()
    {
        using var answer = await CallAsync("generations", new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low", stream = true, partial_images = 2 });
        var text = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(2, text.Split("event: image_generation.partial_image").Length - 1);
        Assert.Contains("event: image_generation.completed", text, StringComparison.Ordinal);
        Assert.True((await customer.BalanceAsync()).Settled > Money.Zero);
    }

    [Fact]
    public async Task Sent_twice_under_one_idempotency_key_it_is_one_charge()
    {
        using var first = await CallAsync("generations", Cheap, idempotencyKey: "pressed");
        using var second = await CallAsync("generations", Cheap, idempotencyKey: "pressed");

        Assert.Equal((await first.JsonAsync()).Text("id"), (await second.JsonAsync()).Text("id"));
        Assert.Equal((await first.JsonAsync()).Money("cost", "amount_usd"), (await customer.BalanceAsync()).Settled);
    }

    [Theory]
    [InlineData("generations")]
    [InlineData("quotes")]
    public async Task Another_accounts_key_does_not_exist_here(string what)
    {
        var other = await portal.Product.CustomerAsync();
        using var refused = await CallAsync(what, Cheap, other.Key[8..20]);
        using var unknown = await CallAsync(what, Cheap, "nothing");

        await refused.AssertErrorAsync(HttpStatusCode.NotFound, "key_not_found");
        await unknown.AssertErrorAsync(HttpStatusCode.NotFound, "key_not_found");
        Assert.Equal(Money.Zero, (await other.BalanceAsync()).Settled);
    }

    [Theory]
    [InlineData("revoked", HttpStatusCode.Conflict, "key_not_active")]
    [InlineData("disabled", HttpStatusCode.Unauthorized, "key_disabled")]
    [InlineData("without scope", HttpStatusCode.Forbidden, "missing_scope")]
    [InlineData("other models", HttpStatusCode.Forbidden, "model_not_allowed")]
    [InlineData("expired", HttpStatusCode.Unauthorized, "key_expired")]
    public async Task A_key_that_could_not_draw_cannot_draw_here(string kind, HttpStatusCode status, string code)
    {
        var key = await KeyAsync(kind);
        using var drawn = await CallAsync("generations", Cheap, key.Id);
        using var quoted = await CallAsync("quotes", Cheap, key.Id);
        var page = await FormAsync(("key", key.Id), ("prompt", "a red fox"), ("model", "gpt-image-2"));

        await drawn.AssertErrorAsync(status, code);
        await quoted.AssertErrorAsync(status, code);
        Assert.Equal(status, page.Status);
        Assert.Contains($"/docs/errors#{code}", page.Html, StringComparison.Ordinal);
        Assert.Equal(0, (await customer.BalanceAsync()).Sequence - 1);
    }

    [Fact]
    public async Task A_budget_of_the_key_is_kept_here_too()
    {
        using var limited = await customer.Http.PutAsJsonAsync($"/v1/keys/{KeyId}/limits", new { month_usd = "0.010000" }, Cancel);
        using var first = await CallAsync("generations", Cheap);
        using var second = await CallAsync("generations", Cheap);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (limited.StatusCode, first.StatusCode));
        await second.AssertErrorAsync(HttpStatusCode.PaymentRequired, "key_budget_exceeded");
    }

    [Fact]
    public async Task A_test_key_draws_for_play_money()
    {
        var key = await KeyAsync("test");
        using var answer = await CallAsync("generations", Cheap, key.Id);

        Assert.False((await answer.JsonAsync()).GetProperty("livemode").GetBoolean());
        Assert.Equal(1, (await customer.BalanceAsync()).Sequence);
    }

    [Theory]
    [InlineData(MemberRole.Owner, true)]
    [InlineData(MemberRole.Developer, true)]
    [InlineData(MemberRole.Billing, false)]
    public async Task Owners_and_developers_may_draw_and_who_only_pays_may_not(MemberRole role, bool may)
    {
        using var member = await portal.MemberAsync(customer, role);
        var mark = (await member.GetAsync("/portal")).Hidden.First().Value;
        using var answer = await CallAsync(member, mark, "generations", Cheap, KeyId, null);

        Assert.Equal(may ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("generations")]
    [InlineData("quotes")]
    public async Task Without_the_sessions_mark_nothing_is_drawn(string what)
    {
        using var answer = await CallAsync(browser, "", what, Cheap, KeyId, null);

        await answer.AssertErrorAsync(HttpStatusCode.BadRequest, "form_expired");
        Assert.Equal(1, (await customer.BalanceAsync()).Sequence);
    }

    [Fact]
    public async Task A_prompt_that_is_refused_is_told_in_the_APIs_words_and_costs_nothing()
    {
        using var answer = await CallAsync("generations", new { model = "gpt-image-2", prompt = "[moderated]" });

        await answer.AssertErrorAsync(HttpStatusCode.BadRequest, "moderation_blocked");
        Assert.Equal(Money.Zero, (await customer.BalanceAsync()).Settled);
    }

    [Fact]
    public async Task Without_a_script_the_form_draws_and_sent_again_is_the_same_request()
    {
        (string, string)[] fields = [("key", KeyId), ("prompt", "a \"red\" fox's <den>"), ("model", "gpt-image-2"), ("size", "1024x1024"), ("quality", "low"), ("output_format", "png"), ("n", "2"), ("once", "page"), ("act", "draw")];
        var first = await FormAsync(fields);
        var second = await FormAsync(fields);

        var images = first.Html.Split("<img src=\"").Skip(1).Select(each => WebUtility.HtmlDecode(each.Split('"')[0])).ToArray();
        using var image = await browser.Http.GetAsync(new Uri(images[0], UriKind.Relative), Cancel);
        Assert.Equal((HttpStatusCode.OK, 2), (first.Status, images.Length));
        Assert.Equal("image/png", image.Content.Headers.ContentType!.MediaType);
        Assert.Single(await customer.RowsAsync("S"), row => row.Columns.Text(LedgerRows.EntryColumn).StartsWith("L|req_", StringComparison.Ordinal));
        Assert.Contains("/portal/requests/req_", second.Html, StringComparison.Ordinal);
        Assert.Contains("a \\&quot;red\\&quot; fox&#x27;\\&#x27;&#x27;s", first.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_script_the_price_is_asked_for_with_a_button_and_nothing_is_drawn()
    {
        var page = await FormAsync(("key", KeyId), ("prompt", "a red fox"), ("model", "gpt-image-2"), ("size", "1024x1024"), ("quality", "low"), ("act", "quote"));

        Assert.Contains("At most <data class=\"money\"", page.Html, StringComparison.Ordinal);
        Assert.Equal(1, (await customer.BalanceAsync()).Sequence);
    }

    [Theory]
    [InlineData("prompt", "")]
    [InlineData("size", "17x17")]
    [InlineData("n", "11")]
    [InlineData("n", "one")]
    public async Task A_field_that_is_wrong_is_said_at_the_field_and_nothing_is_lost(string field, string value)
    {
        var fields = new Dictionary<string, string> { ["key"] = KeyId, ["prompt"] = "a red fox", ["model"] = "gpt-image-2", ["quality"] = "high", [field] = value };
        var page = await FormAsync([.. fields.Select(each => (each.Key, each.Value))]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Contains("<option data-models=\"gpt-image-2", page.Html, StringComparison.Ordinal);
        Assert.Contains("selected>high</option>", page.Html, StringComparison.Ordinal);
        Assert.Equal(1, (await customer.BalanceAsync()).Sequence);
    }

    [Fact]
    public async Task An_account_without_a_key_is_led_to_making_one()
    {
        using var fresh = new PortalBrowser(portal.Product);
        var page = await fresh.SignInAsync(address: "keyless@example.com", page: "/portal/accounts");
        page = await fresh.GetAsync("/portal/playground");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("No key that can draw yet", page.Html, StringComparison.Ordinal);
        Assert.Contains("/portal/keys/new", page.Links);
    }

    private async Task<ApiKey> KeyAsync(string kind)
    {
        var now = portal.Of<TimeProvider>().GetUtcNow();
        var terms = new KeyTerms(kind == "without scope" ? [Scope.UsageRead] : Scope.All)
        {
            Models = kind == "other models" ? ["gpt-image-1-mini"] : [],
            ExpiresAt = kind == "expired" ? now.AddSeconds(-1) : null,
        };
        var key = (await portal.Of<CreateApiKey>().RunAsync(customer.Partition with { Livemode = kind != "test" }, terms, new BudgetLimits(), Cancel)).Value().Key;
        if (kind == "revoked") await portal.Of<RevokeApiKey>().RunAsync(key.Partition, key.Id, Cancel);
        if (kind == "disabled") await portal.Of<SwitchApiKey>().RunAsync(key.Partition, key.Id, null, true, Cancel);
        return key;
    }

    private async Task<HttpResponseMessage> CallAsync(string what, object body, string? key = null, string? idempotencyKey = null) =>
        await CallAsync(browser, (await browser.GetAsync("/portal/playground")).Hidden.First().Value, what, body, key ?? KeyId, idempotencyKey);

    private static async Task<HttpResponseMessage> CallAsync(PortalBrowser browser, string mark, string what, object body, string key, string? idempotencyKey)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/portal/playground/keys/{key}/{what}") { Content = JsonContent.Create(body) };
        if (mark.Length > 0) call.Headers.Add("RequestVerificationToken", mark);
        if (idempotencyKey is not null) call.Headers.Add("Idempotency-Key", idempotencyKey);
        return await browser.Http.SendAsync(call, Cancel);
    }

    private async Task<PortalBrowser.Page> FormAsync(params (string Name, string Value)[] fields)
    {
        var page = await browser.GetAsync("/portal/playground");
        var form = page with { Html = page.Html[page.Html.IndexOf("<form method=\"post\" action=\"/portal/playground\"", StringComparison.Ordinal)..] };
        var made = form.Hidden.Single(each => each.Key == "once").Value;
        var once = fields.FirstOrDefault(each => each.Name == "once").Value ?? made;
        return await browser.SubmitAsync(form with { Html = form.Html.Replace(made, once, StringComparison.Ordinal) }, [.. fields.Where(each => each.Name != "once")]);
    }
}
