using System.Net;
using System.Text.Json;
using ServerlessImages.Tests.Storage;

namespace ServerlessImages.Tests.Api;

/// <summary>Fifty callers at once and money for twenty: exactly twenty are served.</summary>
public sealed class ConcurrencyTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Money_for_twenty_buys_exactly_twenty(bool overAzurite)
    {
        await using var product = await StartAsync(overAzurite);
        var customer = await product.CustomerAsync(micros: 20 * 10_000);

        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => customer.GenerateAsync(
            new { model = TestCatalog.FlatModel, prompt = $"fox {number}", size = "1024x1024", quality = "low" })));

        Assert.Equal(20, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        Assert.Equal(30, responses.Count(response => response.StatusCode == HttpStatusCode.PaymentRequired));
        var balance = await customer.BalanceAsync();
        Assert.Equal((Money.Zero, Money.Zero, new Money(200_000), 0), (balance.Available, balance.Held, balance.Settled, balance.Open));
        Assert.Equal(20, product.Local.Emulator.ImagesDrawn);
        foreach (var response in responses) response.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_a_token_price_nothing_goes_beyond_the_balance_and_each_refusal_is_true(bool overAzurite)
    {
        await using var product = await StartAsync(overAzurite);
        var customer = await product.CustomerAsync(micros: 100_000);

        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => customer.GenerateAsync($"fox {number}")));

        var balance = await customer.BalanceAsync();
        var charged = 0L;
        foreach (var response in responses)
        {
            var json = await response.JsonAsync();
            if (response.StatusCode == HttpStatusCode.OK) charged += json.Money("cost", "amount_usd").Micros;
            else AssertIsTrue(response, json);
            response.Dispose();
        }

        Assert.Equal((new Money(charged), Money.Zero), (balance.Settled, balance.Held));
        Assert.InRange(balance.Available.Micros, 0, 6_100);
    }

    /// <summary>Too little money; or, on a machine that is busy with more than this, that the partition sheds load, which says so and when to come again.</summary>
    private static void AssertIsTrue(HttpResponseMessage response, JsonElement json)
    {
        if (response.StatusCode == HttpStatusCode.TooManyRequests) Assert.Equal(("account_too_busy", TimeSpan.FromSeconds(2)), (json.Text("error", "code"), response.Headers.RetryAfter?.Delta));
        else Assert.True(json.Money("error", "details", "available_usd") < json.Money("error", "details", "quote_usd"), json.GetRawText());
    }

    private async Task<Product> StartAsync(bool overAzurite) => overAzurite
        ? await Product.StartAsync(null, ("Storage:Kind", "Azure"), ("Storage:ConnectionString", (await azurite.StorageAsync()).ConnectionString!), ("Storage:CreateMissing", "true"))
        : await Product.StartAsync();
}
