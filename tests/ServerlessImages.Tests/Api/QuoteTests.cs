using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Api;

/// <summary>A quote binds us: the charge is never above it, and it is good for its account, its request and its quarter of an hour only.</summary>
public sealed class QuoteTests : IAsyncLifetime
{
    private static readonly object Fox = new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low" };
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_quote_is_itemised_holds_nothing_and_is_what_the_call_holds()
    {
        var quote = await QuoteAsync(Fox);
        var before = await customer.BalanceAsync();
        using var response = await customer.GenerateAsync(With(Fox, "quote_id", quote.Text("quote_id")));
        var cost = (await response.JsonAsync()).GetProperty("cost");

        Assert.Equal(new Money(6_005), quote.Money("quote_usd"));
        Assert.Equal(quote.Money("quote_usd").Micros, quote.GetProperty("lines").EnumerateArray().Sum(line => line.Money("amount_usd").Micros));
        Assert.Equal((25, 196), (quote.GetProperty("lines")[0].GetProperty("quantity").GetInt32(), quote.GetProperty("lines")[2].GetProperty("quantity").GetInt32()));
        Assert.Equal((new Money(5_000_000), 1L), (before.Available, before.Sequence));
        Assert.Equal(quote.Text("quote_usd"), cost.Text("quote_usd"));
        Assert.True(cost.Money("amount_usd") <= quote.Money("quote_usd"));
    }

    [Fact]
    public async Task Within_its_time_a_quote_may_be_used_again_and_however_the_answer_is_delivered()
    {
        var quote = (await QuoteAsync(Fox)).Text("quote_id");
        using var first = await customer.GenerateAsync(With(Fox, "quote_id", quote));
        using var second = await customer.GenerateAsync(With(With(Fox, "quote_id", quote), "response_format", "url"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task A_quote_that_was_tampered_with_or_is_another_accounts_or_anothers_request_is_refused()
    {
        var quote = (await QuoteAsync(Fox)).Text("quote_id");
        var other = await product.CustomerAsync();
        var changed = quote[..20] + (quote[20] == 'A' ? 'B' : 'A') + quote[21..];

        foreach (var (caller, body) in new (Customer, object)[]
        {
            (customer, With(Fox, "quote_id", changed)),
            (customer, With(Fox, "quote_id", "quote_nonsense")),
            (customer, With(Fox, "quote_id", quote[..^1])),
            (other, With(Fox, "quote_id", quote)),
            (customer, With(With(Fox, "prompt", "a blue fox"), "quote_id", quote)),
            (customer, With(With(Fox, "quality", "high"), "quote_id", quote)),
        })
        {
            using var response = await caller.GenerateAsync(body);
            await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_quote");
        }

        Assert.Equal(0, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task A_quote_expires_after_fifteen_minutes()
    {
        var clock = new FakeTimeProvider(Sample.Now);
        var quotes = new Quotes(new PriceList(Sample.Prices, null, clock), new Peppers(new Dictionary<int, byte[]> { [1] = new byte[32] }), clock);
        var caller = new Caller(new("id", "acct_1", true, "", 1, [], Sample.Now, null, false), new("acct_1", "Test", "wide", Sample.Now), Sample.Plan());
        var order = new ImageOrder(Sample.Request());
        var quoted = order with { QuoteId = quotes.Sign(caller, (await quotes.PriceAsync(caller, order, TestContext.Current.CancellationToken)).Value()).Id };

        clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.Equal((await quotes.PriceAsync(caller, order, TestContext.Current.CancellationToken)).Value().Quote, (await quotes.PriceAsync(caller, quoted, TestContext.Current.CancellationToken)).Value().Quote);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("quote_expired", (await quotes.PriceAsync(caller, quoted, TestContext.Current.CancellationToken)).Error().Code);
    }

    [Fact]
    public async Task A_quote_keeps_its_price_when_a_dearer_one_takes_over()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 31, 23, 55, 0, TimeSpan.Zero));
        var book = PriceBook.Parse("""
            { "prices": [
              { "version": "old", "model": "gpt-image-2", "effective_from": "2026-01-01", "source": "test", "cost": { "per_million_tokens_usd": { "text_input": "1", "image_input": "1", "output": "1" } } },
              { "version": "new", "model": "gpt-image-2", "effective_from": "2026-06-01", "source": "test", "cost": { "per_million_tokens_usd": { "text_input": "2", "image_input": "2", "output": "2" } } } ] }
            """);
        var quotes = new Quotes(new PriceList(book, null, clock), new Peppers(new Dictionary<int, byte[]> { [1] = new byte[32] }), clock);
        var caller = new Caller(new("id", "acct_1", true, "", 1, [], Sample.Now, null, false), new("acct_1", "Test", "wide", Sample.Now), Sample.Plan());
        var order = new ImageOrder(Sample.Request());
        var quoted = order with { QuoteId = quotes.Sign(caller, (await quotes.PriceAsync(caller, order, TestContext.Current.CancellationToken)).Value()).Id };

        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(("old", "new"), ((await quotes.PriceAsync(caller, quoted, TestContext.Current.CancellationToken)).Value().Quote.PriceVersion, (await quotes.PriceAsync(caller, order, TestContext.Current.CancellationToken)).Value().Quote.PriceVersion));
    }

    [Fact]
    public async Task A_quote_cannot_be_prolonged()
    {
        using var response = await customer.Http.PostAsJsonAsync("/v1/quotes", With(Fox, "quote_id", (await QuoteAsync(Fox)).Text("quote_id")), TestContext.Current.CancellationToken);

        Assert.Equal("quote_id", (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "unknown_parameter")).Text("param"));
    }

    [Fact]
    public async Task Under_a_key_the_same_request_gets_the_same_quote_and_another_is_refused()
    {
        using var first = await QuoteAsync("order-1", Fox);
        using var other = await QuoteAsync("order-1", With(Fox, "prompt", "a blue fox"));
        using var bad = await QuoteAsync("two words", Fox);
        var body = (await first.JsonAsync()).GetRawText();

        foreach (var again in await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => QuoteAsync("order-1", Fox))))
        {
            Assert.Equal(body, (await again.JsonAsync()).GetRawText());
            again.Dispose();
        }

        await other.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        await bad.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_idempotency_key");
    }

    [Fact]
    public async Task A_keys_quote_is_given_anew_once_it_has_expired()
    {
        var clock = new FakeTimeProvider(Sample.Now);
        var quotes = new Quotes(new PriceList(Sample.Prices, null, clock), new Peppers(new Dictionary<int, byte[]> { [1] = new byte[32] }), clock);
        var caller = new Caller(new("id", "acct_1", true, "", 1, [], Sample.Now, null, false), new("acct_1", "Test", "wide", Sample.Now), Sample.Plan());
        var give = new GiveQuote(quotes, new InMemoryTableStore(), clock);
        var order = new ImageOrder(Sample.Request()) { IdempotencyKey = "order-1" };

        var first = await GiveAsync();
        clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(first, await GiveAsync());
        clock.Advance(TimeSpan.FromMinutes(1));
        var second = await GiveAsync();
        Assert.Equal(first.ExpiresAt + TimeSpan.FromMinutes(15), second.ExpiresAt);
        Assert.Equal(second, await GiveAsync());

        async Task<SignedQuote> GiveAsync() => (await give.RunAsync(caller, order, TestContext.Current.CancellationToken)).Value().Signed;
    }

    [Fact]
    public async Task A_maximum_price_refuses_what_could_cost_more_and_changes_nothing_else()
    {
        using var refused = await customer.GenerateAsync(With(Fox, "max_price_usd", "0.006004"));
        using var passed = await customer.GenerateAsync(With(Fox, "max_price_usd", "0.006005"));
        var error = await refused.AssertErrorAsync(HttpStatusCode.PaymentRequired, "price_above_maximum");

        Assert.Equal(("0.006005", "0.006004"), (error.Text("details", "quote_usd"), error.Text("details", "max_price_usd")));
        Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
        Assert.Equal("0.006005", (await passed.JsonAsync()).Text("cost", "quote_usd"));
    }

    [Theory]
    [InlineData("\"0.0000001\"")]
    [InlineData("\"-1\"")]
    [InlineData("0.05")]
    [InlineData("\"1e3\"")]
    public async Task A_maximum_that_is_no_amount_is_refused(string maximum)
    {
        using var content = new StringContent($$"""{"model":"gpt-image-2","prompt":"fox","max_price_usd":{{maximum}}}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await customer.Http.PostAsync(new Uri("/v1/images/generations", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal("max_price_usd", (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_value")).Text("param"));
    }

    private async Task<HttpResponseMessage> QuoteAsync(string idempotencyKey, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/quotes") { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", idempotencyKey } } };
        return await customer.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<JsonElement> QuoteAsync(object body)
    {
        using var response = await customer.Http.PostAsJsonAsync("/v1/quotes", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }

    private static Dictionary<string, object?> With(object body, string name, object value)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, object?>>(JsonSerializer.Serialize(body))!;
        fields[name] = value;
        return fields;
    }
}
