using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Keys;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Api;

/// <summary>Budgets of keys and end users as their account sees them, and what a revoked key may still do: nothing.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_key_stops_at_its_budget_and_the_account_goes_on_with_another()
    {
        var limits = await PutAsync($"/v1/keys/{KeyId}/limits", new { month_usd = "0.012" });
        using var first = await customer.GenerateAsync("a red fox");
        using var second = await customer.GenerateAsync("a red fox");
        using var third = await customer.GenerateAsync("a red fox");
        var error = await third.AssertErrorAsync(HttpStatusCode.PaymentRequired, "key_budget_exceeded");
        var spent = (await first.JsonAsync()).Money("cost", "amount_usd") + (await second.JsonAsync()).Money("cost", "amount_usd");
        var after = (await customer.Http.GetFromJsonAsync<JsonElement>($"/v1/keys/{KeyId}/limits", TestContext.Current.CancellationToken)).GetProperty("month");

        Assert.Equal(("0.012000", "0.012000", "0.000000"), (limits.Text("month", "limit_usd"), limits.Text("month", "left_usd"), limits.Text("month", "spent_usd")));
        Assert.Equal(("month", "0.012000"), (error.Text("details", "limit"), error.Text("details", "limit_usd")));
        Assert.Equal((spent, new Money(12_000) - spent, Money.Zero), (after.Money("spent_usd"), after.Money("left_usd"), after.Money("held_usd")));
        Assert.Equal(error.Text("details", "left_usd"), after.Text("left_usd"));
        Assert.Equal(2, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task Crossing_a_share_of_a_budget_is_an_event_as_described()
    {
        await PutAsync($"/v1/keys/{KeyId}/limits", new { month_usd = "0.01" });
        using var image = await customer.GenerateAsync("a red fox");
        var answer = await image.JsonAsync();
        using var listed = await customer.Http.GetAsync(new Uri("/v1/events?type=budget.threshold&limit=1", UriKind.Relative), TestContext.Current.CancellationToken);
        var told = Assert.Single((await listed.JsonAsync()).GetProperty("data").EnumerateArray());
        using var found = await customer.Http.GetAsync(new Uri($"/v1/events/{told.Text("id")}", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(("event", "budget.threshold", true), (told.Text("object"), told.Text("type"), told.GetProperty("livemode").GetBoolean()));
        Assert.Equal(("key_budget", KeyId, "month", answer.Text("id")), (told.Text("data", "what"), told.Text("data", "key_id"), told.Text("data", "window"), told.Text("data", "request_id")));
        Assert.Equal(("0.010000", answer.Text("cost", "amount_usd")), (told.Text("data", "limit_usd"), told.Text("data", "spent_usd")));
        Assert.Equal(told.GetRawText(), (await found.JsonAsync()).GetRawText());
    }

    [Fact]
    public async Task An_end_user_stops_at_its_budget_and_others_go_on()
    {
        await PutAsync("/v1/end-users/bob%40example.com/limits", new { total_usd = "0.000001" });
        using var bob = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "fox", quality = "low", size = "1024x1024", end_user = "bob@example.com" });
        using var eve = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "fox", quality = "low", size = "1024x1024", end_user = "eve@example.com" });

        await bob.AssertErrorAsync(HttpStatusCode.PaymentRequired, "end_user_budget_exceeded");
        Assert.Equal(HttpStatusCode.OK, eve.StatusCode);
    }

    [Theory]
    [InlineData("""{"month_usd":"-1"}""", "invalid_value", "month_usd")]
    [InlineData("""{"month_usd":10}""", "invalid_value", "month_usd")]
    [InlineData("""{"week_usd":"1"}""", "unknown_parameter", "week_usd")]
    [InlineData("""{"requests_per_minute":0}""", "invalid_value", "requests_per_minute")]
    public async Task What_is_no_limit_is_refused_by_name(string body, string code, string param)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await customer.Http.PutAsync(new Uri($"/v1/keys/{KeyId}/limits", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(param, (await response.AssertErrorAsync(HttpStatusCode.BadRequest, code)).Text("param"));
    }

    [Fact]
    public async Task Another_accounts_key_is_not_there()
    {
        var other = await product.CustomerAsync();
        using var put = await other.Http.PutAsJsonAsync($"/v1/keys/{KeyId}/limits", new { total_usd = "1" }, TestContext.Current.CancellationToken);
        using var get = await other.Http.GetAsync(new Uri($"/v1/keys/{KeyId}/limits", UriKind.Relative), TestContext.Current.CancellationToken);

        await put.AssertErrorAsync(HttpStatusCode.NotFound, "key_not_found");
        await get.AssertErrorAsync(HttpStatusCode.NotFound, "key_not_found");
    }

    [Fact]
    public async Task A_key_without_the_scope_cannot_raise_its_own_limits()
    {
        var drawer = await product.CustomerAsync(5_000_000, "wide", Scope.ImagesGenerate);
        using var response = await drawer.Http.PutAsJsonAsync($"/v1/keys/{drawer.Key[8..20]}/limits", new { }, TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
    }

    [Fact]
    public async Task A_revoked_key_buys_nothing_though_it_is_remembered_as_good()
    {
        using var before = await customer.GenerateAsync("a red fox");

        // Revoked by another instance: this one has the key in its cache for 30 s.
        var services = product.Local.Services;
        var elsewhere = new ApiKeyDirectory(services.GetRequiredService<ITableStore>(), TimeProvider.System);
        Assert.True(await new RevokeApiKey(elsewhere, new(services.GetRequiredService<ITableStore>(), elsewhere), product.Ledger).RunAsync(customer.Partition, KeyId, TestContext.Current.CancellationToken));
        using var after = await customer.GenerateAsync("a red fox");

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await after.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        Assert.Equal(1, product.Local.Emulator.Calls);
    }

    private string KeyId => customer.Key[8..20];

    private async Task<JsonElement> PutAsync(string path, object limits)
    {
        using var response = await customer.Http.PutAsJsonAsync(path, limits, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }
}
