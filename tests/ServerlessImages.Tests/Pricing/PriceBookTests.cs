using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Tests.Pricing;

public sealed class PriceBookTests
{
    [Fact]
    public void Every_shipped_model_has_a_price_with_a_source()
    {
        foreach (var model in Sample.Models.Models)
        {
            Assert.NotEmpty(Sample.Prices.PriceOf(model, Sample.Now).Value().Source);
        }
    }

    [Fact]
    public void A_newer_price_takes_over_on_its_day()
    {
        var book = PriceBook.Parse(Book(("old", "2026-01-01", "1.00"), ("new", "2026-06-01", "2.00")));
        var lastDay = new DateTimeOffset(2026, 5, 31, 23, 59, 59, TimeSpan.Zero);

        Assert.Equal("old", book.PriceOf(Sample.Model(), lastDay).Value().Version);
        Assert.Equal("new", book.PriceOf(Sample.Model(), lastDay.AddSeconds(1)).Value().Version);
    }

    [Fact]
    public void Before_its_first_price_a_model_is_unknown()
    {
        var book = PriceBook.Parse(Book(("old", "2026-01-01", "1.00")));

        Assert.Equal("unknown_model", book.PriceOf(Sample.Model(), new(2025, 12, 31, 0, 0, 0, TimeSpan.Zero)).Error().Code);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("0.0000001")]
    [InlineData("free")]
    [InlineData("1e3")]
    public void A_price_that_is_not_a_price_stops_the_start(string price) =>
        Assert.Throws<JsonException>(() => PriceBook.Parse(Book(("only", "2026-01-01", price))));

    [Fact]
    public void A_typo_in_a_field_stops_the_start() =>
        Assert.Throws<JsonException>(() => PriceBook.Parse(Book(("only", "2026-01-01", "1.00")).Replace("effective_from", "efective_from", StringComparison.Ordinal)));

    [Fact]
    public void A_version_may_be_there_only_once() =>
        Assert.Throws<JsonException>(() => PriceBook.Parse(Book(("same", "2026-01-01", "1.00"), ("same", "2026-06-01", "2.00"))));

    [Fact]
    public void A_model_with_a_quality_and_no_tokens_for_it_stops_the_start() =>
        Assert.Throws<JsonException>(() => ModelCatalog.Parse(ModelCatalog.ShippedJson.Replace("\"high\": 96", "\"max\": 96", StringComparison.Ordinal)));

    [Fact]
    public void A_name_may_be_that_of_one_model_only() =>
        Assert.Throws<JsonException>(() => ModelCatalog.Parse(ModelCatalog.ShippedJson.Replace("gpt-image-1.5-2025-12-16", "gpt-image-2", StringComparison.Ordinal)));

    private static string Book(params (string Version, string From, string Price)[] prices) =>
        $$"""{ "prices": [{{string.Join(',', prices.Select(each => $$"""
            { "version": "{{each.Version}}", "model": "gpt-image-2", "effective_from": "{{each.From}}", "source": "test",
              "cost": { "per_million_tokens_usd": { "text_input": "{{each.Price}}", "image_input": "1", "output": "1" } } }
            """))}}] }""";
}
