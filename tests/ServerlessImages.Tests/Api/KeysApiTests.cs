using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Api;

/// <summary>An account's keys over HTTP; and what one instance decides of a key, another obeys at once when money is at stake.</summary>
public sealed class KeysApiTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(null, ("Http:ClientAddressHeader", "X-Client"));
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_new_key_is_shown_once_does_what_it_may_and_is_listed()
    {
        var made = await PostAsync("/v1/keys", new { name = "shop", scopes = Words("images:generate"), month_usd = "0.01" });
        using var user = Using(made.Text("key"));

        using var drawn = await GenerateAsync(user);
        using var overBudget = await GenerateAsync(user);
        using var read = await user.GetAsync(new Uri("/v1/balance", UriKind.Relative), Cancel);
        var listed = await GetAsync("/v1/keys?limit=1");
        var seen = listed.GetProperty("data")[0];

        Assert.Equal(HttpStatusCode.OK, drawn.StatusCode);
        await overBudget.AssertErrorAsync(HttpStatusCode.PaymentRequired, "key_budget_exceeded");
        await read.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
        Assert.Equal((made.Text("id"), "shop", "active", true), (seen.Text("id"), seen.Text("name"), seen.Text("status"), listed.GetProperty("has_more").GetBoolean()));
        Assert.False(seen.TryGetProperty("key", out _));
        Assert.Equal(JsonValueKind.Number, seen.GetProperty("last_used_at").ValueKind);
        Assert.Equal(customer.Key[8..20], (await GetAsync($"/v1/keys?after={listed.Text("next_cursor")}")).GetProperty("data")[0].Text("id"));
    }

    [Fact]
    public async Task A_key_makes_and_rotates_none_that_may_more_than_itself()
    {
        var manager = await product.CustomerAsync(5_000_000, "wide", Scope.KeysManage, Scope.UsageRead);
        using var minted = await manager.Http.PostAsJsonAsync("/v1/keys", new { scopes = Words("images:generate") }, Cancel);
        var all = await product.Local.Services.GetRequiredService<MintApiKey>().RunAsync(manager.Partition.Account, Scope.All, Cancel);
        using var rotated = await manager.Http.PostAsJsonAsync($"/v1/keys/{all.KeyId}/rotate", new { }, Cancel);
        using var same = await manager.Http.PostAsJsonAsync("/v1/keys", new { }, Cancel);

        Assert.Equal("scopes", (await minted.AssertErrorAsync(HttpStatusCode.Forbidden, "key_exceeds_own")).Text("param"));
        Assert.Equal("scopes", (await rotated.AssertErrorAsync(HttpStatusCode.Forbidden, "key_exceeds_own")).Text("param"));
        Assert.Equal(["keys:manage", "usage:read"], (await same.JsonAsync()).GetProperty("scopes").EnumerateArray().Select(each => each.GetString()).Order());
    }

    [Theory]
    [InlineData("""{"scopes":["nothing"]}""", "invalid_value")]
    [InlineData("""{"addresses":["203.0.113.7/24"]}""", "invalid_value")]
    [InlineData("""{"addresses":[]}""", "invalid_value")]
    [InlineData("""{"models":["dall-e-3"]}""", "unknown_model")]
    [InlineData("""{"expires_at":1000}""", "invalid_value")]
    [InlineData("""{"month_usd":"-1"}""", "invalid_value")]
    [InlineData("""{"colour":"red"}""", "unknown_parameter")]
    [InlineData("", "body_required")]
    public async Task A_wrong_key_is_not_made(string body, string code)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await customer.Http.PostAsync(new Uri("/v1/keys", UriKind.Relative), content, Cancel);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);
        Assert.Equal(1, (await GetAsync("/v1/keys")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_key_of_some_addresses_opens_from_there_and_nowhere_else()
    {
        var made = await PostAsync("/v1/keys", new { addresses = Words("203.0.113.0/24") });

        Assert.Equal("", await CodeFromAsync(made.Text("key"), "203.0.113.7"));
        Assert.Equal("", await CodeFromAsync(made.Text("key"), "198.51.100.1, 203.0.113.7:4711"));
        Assert.Equal("address_not_allowed", await CodeFromAsync(made.Text("key"), "203.0.113.7, 198.51.100.1"));
        Assert.Equal("client_address_unknown", await CodeFromAsync(made.Text("key"), "unknown"));
        Assert.Equal("client_address_unknown", await CodeFromAsync(made.Text("key"), null));
    }

    [Fact]
    public async Task Where_callers_addresses_are_not_known_such_a_key_opens_nothing()
    {
        var made = await PostAsync("/v1/keys", new { addresses = Words("0.0.0.0/0", "::/0") });
        await product.RestartAsync(("Http:ClientAddressHeader", ""));

        Assert.Equal("client_address_unknown", await CodeFromAsync(made.Text("key"), "203.0.113.7"));
    }

    [Fact]
    public async Task A_key_of_some_models_buys_and_quotes_no_others()
    {
        var made = await PostAsync("/v1/keys", new { models = Words(TestCatalog.FlatModel + "-alias") });
        using var user = Using(made.Text("key"));

        using var bought = await user.PostAsJsonAsync("/v1/images/generations", new { model = TestCatalog.FlatModel, prompt = "fox", size = "1024x1024", quality = "low" }, Cancel);
        using var refused = await GenerateAsync(user);
        using var quoted = await user.PostAsJsonAsync("/v1/quotes", new { model = "gpt-image-2", prompt = "fox" }, Cancel);

        Assert.Equal(HttpStatusCode.OK, bought.StatusCode);
        await refused.AssertErrorAsync(HttpStatusCode.Forbidden, "model_not_allowed");
        await quoted.AssertErrorAsync(HttpStatusCode.Forbidden, "model_not_allowed");
    }

    [Theory]
    [InlineData("revoke", "invalid_api_key")]
    [InlineData("disable", "key_disabled")]
    [InlineData("rotate", "key_expired")]
    public async Task What_another_instance_decides_ends_spending_at_once_though_this_one_remembers_the_key_as_good(string decision, string code)
    {
        var id = customer.Key[8..20];
        using var before = await customer.GenerateAsync("a red fox");
        var elsewhere = new OtherInstance(product);
        await elsewhere.DecideAsync(decision, customer.Partition, id);

        using var after = await customer.GenerateAsync("a red fox");

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await after.AssertErrorAsync(HttpStatusCode.Unauthorized, code);
        Assert.Equal(1, product.Local.Emulator.Calls);
        Assert.Empty(await customer.RowsAsync("H"));
    }

    [Fact]
    public async Task A_key_that_is_switched_on_again_works_again()
    {
        var made = await PostAsync("/v1/keys", new { });
        using var user = Using(made.Text("key"));
        using var off = await customer.Http.PatchAsJsonAsync($"/v1/keys/{made.Text("id")}", new { disabled = true }, Cancel);
        using var refused = await user.GetAsync(new Uri("/v1/balance", UriKind.Relative), Cancel);
        using var on = await customer.Http.PatchAsJsonAsync($"/v1/keys/{made.Text("id")}", new { disabled = false, name = "again" }, Cancel);
        using var drawn = await GenerateAsync(user);

        Assert.Equal("disabled", (await off.JsonAsync()).Text("status"));
        await refused.AssertErrorAsync(HttpStatusCode.Unauthorized, "key_disabled");
        Assert.Equal(("active", "again"), ((await on.JsonAsync()).Text("status"), (await on.JsonAsync()).Text("name")));
        Assert.Equal(HttpStatusCode.OK, drawn.StatusCode);
    }

    [Fact]
    public async Task A_rotated_key_and_its_successor_spend_from_one_budget_and_it_is_rotated_once()
    {
        var old = await PostAsync("/v1/keys", new { month_usd = "0.015" });
        using var first = Using(old.Text("key"));
        using var drawn = await GenerateAsync(first);
        var successor = await PostAsync($"/v1/keys/{old.Text("id")}/rotate", new { overlap_seconds = 600 });
        using var second = Using(successor.Text("key"));

        using var withNew = await GenerateAsync(second);
        using var overBudget = await GenerateAsync(first);
        using var again = await customer.Http.PostAsJsonAsync($"/v1/keys/{old.Text("id")}/rotate", new { }, Cancel);
        var limits = await GetAsync($"/v1/keys/{successor.Text("id")}/limits");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (drawn.StatusCode, withNew.StatusCode));
        await overBudget.AssertErrorAsync(HttpStatusCode.PaymentRequired, "key_budget_exceeded");
        await again.AssertErrorAsync(HttpStatusCode.Conflict, "key_rotated");
        Assert.Equal(2 * (await drawn.JsonAsync()).Money("cost", "amount_usd").Micros, limits.Money("month", "spent_usd").Micros);
        Assert.Equal(successor.Text("id"), (await GetAsync($"/v1/keys/{old.Text("id")}")).Text("replaced_by"));
    }

    [Fact]
    public async Task Whoever_found_a_key_can_end_it_and_nothing_else()
    {
        var made = await PostAsync("/v1/keys", new { });
        using var anyone = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var mistyped = await anyone.PostAsJsonAsync("/v1/keys/revoke", new { key = made.Text("key")[..^1] + (made.Text("key")[^1] == 'x' ? 'y' : 'x') }, Cancel);
        using var idAlone = await anyone.PostAsJsonAsync("/v1/keys/revoke", new { key = made.Text("id") }, Cancel);
        using var ended = await anyone.PostAsJsonAsync("/v1/keys/revoke", new { key = made.Text("key") }, Cancel);
        using var again = await anyone.PostAsJsonAsync("/v1/keys/revoke", new { key = made.Text("key") }, Cancel);
        using var user = Using(made.Text("key"));
        using var refused = await GenerateAsync(user);

        await mistyped.AssertErrorAsync(HttpStatusCode.NotFound, "key_not_found");
        await idAlone.AssertErrorAsync(HttpStatusCode.NotFound, "key_not_found");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (ended.StatusCode, again.StatusCode));
        await refused.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        Assert.DoesNotContain(made.Text("id"), (await GetAsync("/v1/keys")).GetRawText(), StringComparison.Ordinal);
        Assert.Contains(made.Text("id"), (await GetAsync("/v1/keys?revoked=true")).GetRawText(), StringComparison.Ordinal);
    }

    private static string[] Words(params string[] words) => words;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpClient Using(string key) => new() { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    private static Task<HttpResponseMessage> GenerateAsync(HttpClient http) =>
        http.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low" }, Cancel);

    /// <returns>The code of the error, or "".</returns>
    private async Task<string> CodeFromAsync(string key, string? address)
    {
        using var user = Using(key);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/balance");
        if (address is not null) request.Headers.TryAddWithoutValidation("X-Client", address);
        using var response = await user.SendAsync(request, Cancel);
        return response.IsSuccessStatusCode ? "" : (await response.JsonAsync()).Text("error", "code");
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await customer.Http.PostAsJsonAsync(path, body, Cancel);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.JsonAsync();
    }

    private Task<JsonElement> GetAsync(string path) => customer.Http.GetFromJsonAsync<JsonElement>(path, Cancel);

    /// <summary>Another process over the same tables, with caches and a ledger of its own.</summary>
    private sealed class OtherInstance
    {
        private readonly ApiKeyDirectory keys;
        private readonly MintApiKey mint;
        private readonly RevokeApiKey revoke;
        private readonly AccountLedger ledger;

        public OtherInstance(Product product)
        {
            var services = product.Local.Services;
            var (store, clock) = (services.GetRequiredService<ITableStore>(), TimeProvider.System);
            keys = new ApiKeyDirectory(store, clock);
            ledger = new AccountLedger(store, new OpenPartitions(store, clock), clock, services.GetRequiredService<IEntropy>());
            mint = new MintApiKey(keys, new KeyList(store, keys), services.GetRequiredService<Peppers>(), services.GetRequiredService<IEntropy>(), clock);
            revoke = new RevokeApiKey(keys, new KeyList(store, keys), ledger);
        }

        public async Task DecideAsync(string decision, LedgerPartition partition, string id)
        {
            switch (decision)
            {
                case "revoke":
                    Assert.True(await revoke.RunAsync(partition, id, Cancel));
                    break;
                case "disable":
                    Assert.True((await new SwitchApiKey(keys, ledger).RunAsync(partition, id, null, disabled: true, Cancel)).Value().Disabled);
                    break;
                default:
                    Assert.Equal(id, (await new RotateApiKey(keys, mint, revoke, ledger, TimeProvider.System).RunAsync(partition, id, TimeSpan.Zero, Cancel)).Value().Key.BudgetId);
                    break;
            }
        }
    }
}
