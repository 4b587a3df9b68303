using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Books;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Api;

/// <summary>Test keys go the whole path, with play money and without any model.</summary>
public sealed class TestKeyTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;
    private HttpClient test = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
        using var made = await customer.Http.PostAsJsonAsync("/v1/keys", new { livemode = false }, Cancel);
        var key = await made.JsonAsync();
        Assert.Matches("^si_test_[0-9A-Za-z]{50}$", key.Text("key"));
        test = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text("key")) } };
    }

    public async ValueTask DisposeAsync()
    {
        test.Dispose();
        await product.DisposeAsync();
    }

    [Fact]
    public async Task An_image_is_drawn_charged_to_play_money_and_signed_for_without_a_call_upstream()
    {
        using var drawn = await GenerateAsync("a red fox", n: 2);
        var answer = await drawn.JsonAsync();
        var balance = await GetAsync("/v1/balance");
        var receipt = await GetAsync($"/v1/receipts/{answer.Text("id")}");
        var image = answer.GetProperty("data")[1].GetProperty("b64_json").GetBytesFromBase64();

        Assert.True(ImageHeader.TryRead(image, out var header));
        Assert.Equal(new ImageSize(1024, 1024), header.Size);
        Assert.Equal(Money.Dollars(1_000) - answer.Money("cost", "amount_usd"), balance.Money("available_usd"));
        Assert.True(answer.Money("cost", "amount_usd") > Money.Zero);
        Assert.All([answer, balance, receipt.GetProperty("payload")], json => Assert.False(json.GetProperty("livemode").GetBoolean()));
        Assert.Equal(0, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task Nothing_of_it_touches_the_account_its_usage_or_its_books()
    {
        using var drawn = await GenerateAsync("a red fox");
        var id = (await drawn.JsonAsync()).Text("id");
        using var foreign = await customer.Http.GetAsync(new Uri($"/v1/requests/{id}", UriKind.Relative), Cancel);
        var usage = await customer.Http.GetFromJsonAsync<JsonElement>("/v1/usage", Cancel);
        var closed = await product.Local.Services.GetRequiredService<CloseBooks>().CloseAsync(Partition, Cancel);
        var ledgerRows = await product.Local.Services.GetRequiredService<ITableStore>().RangeAsync(TableNames.Ledger, Partition.Key, LedgerRows.OutboxStart, LedgerRows.OutboxEnd, 10, Cancel);

        Assert.Equal(new Money(5_000_000), (await customer.BalanceAsync()).Available);
        await foreign.AssertErrorAsync(HttpStatusCode.NotFound, "request_not_found");
        Assert.Equal("0.000000", usage.Text("total", "amount_usd"));
        Assert.Empty(closed);
        Assert.Empty(ledgerRows);
    }

    [Theory]
    [InlineData("a fight [moderated]", 1, HttpStatusCode.BadRequest, "moderation_blocked")]
    [InlineData("a fox [429]", 1, HttpStatusCode.TooManyRequests, "rate_limit_exceeded")]
    [InlineData("a fox [502]", 1, HttpStatusCode.BadGateway, "upstream_failed")]
    [InlineData("a fox [503]", 1, HttpStatusCode.ServiceUnavailable, "no_deployment_available")]
    [InlineData("a fox [partial]", 1, HttpStatusCode.BadGateway, "no_usable_image")]
    [InlineData("a fox [corrupt:2]", 2, HttpStatusCode.BadGateway, "no_usable_image")]
    public async Task Words_in_the_prompt_make_it_fail_uncharged(string prompt, int n, HttpStatusCode status, string code)
    {
        using var failed = await GenerateAsync(prompt, n);

        await failed.AssertErrorAsync(status, code);
        Assert.Equal(Money.Dollars(1_000), (await GetAsync("/v1/balance")).Money("available_usd"));
    }

    [Theory]
    [InlineData("a fox [partial]", 3, 2)]
    [InlineData("a fox [corrupt]", 3, 2)]
    [InlineData("a fox [slow:50]", 1, 1)]
    public async Task Words_in_the_prompt_make_it_deliver_less_or_later(string prompt, int n, int delivered)
    {
        using var drawn = await GenerateAsync(prompt, n);

        Assert.Equal(delivered, (await drawn.JsonAsync()).GetProperty("data").GetArrayLength());
        Assert.Equal(delivered, (await drawn.JsonAsync()).GetProperty("cost").GetProperty("images").GetInt32());
    }

    [Fact]
    public async Task A_stream_has_its_partial_images_and_its_charge()
    {
        using var response = await test.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low", stream = true, partial_images = 2 }, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(2, text.Split("event: image_generation.partial_image").Length - 1);
        Assert.Contains("\"livemode\":false", text, StringComparison.Ordinal);
        Assert.Contains("image_generation.completed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_opens_nothing_of_real_money_and_makes_no_live_key()
    {
        using var checkout = await test.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "20" }, Cancel);
        using var live = await test.PostAsJsonAsync("/v1/keys", new { livemode = true }, Cancel);
        using var liveList = await test.GetAsync(new Uri("/v1/keys?livemode=true", UriKind.Relative), Cancel);
        using var liveKey = await test.GetAsync(new Uri($"/v1/keys/{customer.Key[8..20]}", UriKind.Relative), Cancel);
        using var secondTest = await customer.Http.PostAsJsonAsync("/v1/keys", new { livemode = false }, Cancel);

        await checkout.AssertErrorAsync(HttpStatusCode.Forbidden, "test_key_not_allowed");
        await live.AssertErrorAsync(HttpStatusCode.Forbidden, "key_exceeds_own");
        await liveList.AssertErrorAsync(HttpStatusCode.Forbidden, "key_exceeds_own");
        await liveKey.AssertErrorAsync(HttpStatusCode.NotFound, "key_not_found");
        Assert.Equal(HttpStatusCode.Created, secondTest.StatusCode);
        Assert.Equal(Money.Dollars(1_000), (await GetAsync("/v1/balance")).Money("available_usd"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LedgerPartition Partition => customer.Partition with { Livemode = false };

    private Task<HttpResponseMessage> GenerateAsync(string prompt, int n = 1) =>
        test.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt, n, size = "1024x1024", quality = "low" }, Cancel);

    private Task<JsonElement> GetAsync(string path) => test.GetFromJsonAsync<JsonElement>(path, Cancel);
}
