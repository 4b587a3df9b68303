using CsCheck;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Tests.Pricing;

public sealed class QuoteAndChargeTests
{
    [Theory]
    [InlineData("gpt-image-2", "1024x1024", ImageQuality.Low, 196)]
    [InlineData("gpt-image-2", "1536x1024", ImageQuality.Low, 158)]
    [InlineData("gpt-image-2", "2048x2048", ImageQuality.Low, 397)]
    [InlineData("gpt-image-2", "2560x1440", ImageQuality.Medium, 1843)]
    [InlineData("gpt-image-2", "3840x2160", ImageQuality.High, 13342)]
    [InlineData("gpt-image-2", "1024x1024", ImageQuality.High, 7024)]
    [InlineData("gpt-image-2.5-flare", "1024x1024", ImageQuality.Medium, 439)]
    [InlineData("gpt-image-2.5-sunburst", "2048x2048", ImageQuality.Xhigh, 6343)]
    [InlineData("gpt-image-1.5", "1024x1024", ImageQuality.High, 4160)]
    public void Output_tokens_are_those_of_the_published_calculator(string model, string size, ImageQuality quality, long tokens)
    {
        var request = Sample.Request(model: model, size: size, quality: quality);

        Assert.Equal(tokens, request.Model.OutputTokens.For(request.Size!.Value, quality, 1));
    }

    [Fact]
    public void A_quote_is_input_bound_plus_output_formula_marked_up_and_rounded_up()
    {
        // 16 + 9 bytes of text at $6.25, 196 output tokens at $37.50 per million: 156.25 → 157, 7,350.
        Assert.Equal(new Quote(new(157 + 7_350), "gpt-image-2@2026-04-21"), Quote(Sample.Request("a red fox")));
    }

    [Fact]
    public void Text_is_bounded_by_its_bytes_and_not_its_characters()
    {
        var ascii = Quote(Sample.Request("aaaa")).Amount;
        var emoji = Quote(Sample.Request("🦊🦊")).Amount;

        Assert.Equal(4, "🦊🦊".Length);
        Assert.True(emoji > ascii);
    }

    [Fact]
    public void Auto_is_quoted_as_high_in_the_dearest_standard_size()
    {
        var auto = Quote(Sample.Request(size: null, quality: ImageQuality.Auto));

        Assert.Equal(Quote(Sample.Request(size: "1024x1024", quality: ImageQuality.High)), auto);
    }

    [Fact]
    public void Each_requested_partial_image_adds_100_output_tokens_to_the_quote()
    {
        var none = Quote(Sample.Request(stream: true)).Amount;
        var three = Quote(Sample.Request(stream: true, partialImages: 3)).Amount;

        Assert.Equal(new Money(3 * 3_750), three - none);
    }

    [Fact]
    public void A_charge_is_what_the_upstream_counted_each_line_rounded_down()
    {
        // 7 · 6.25 = 43.75 → 43; 196 · 37.5 = 7,350. We pay 35 and 5,880.
        Assert.Equal(new Charge(new(43 + 7_350), new(35 + 5_880)), Charge(Sample.Request(), Sample.Delivery(new(7, 0, 196))));
    }

    [Fact]
    public void Three_of_four_images_cost_their_input_once_and_three_quarters_of_the_output()
    {
        var request = Sample.Request(count: 4);

        var charge = Charge(request, Sample.Delivery(new(8, 0, 784), returned: 4, delivered: 3));

        Assert.Equal(new Money(50 + (7_350 * 3)), charge.Amount);
        Assert.Equal(new Money(40 + (5_880 * 4)), charge.UpstreamCost);
    }

    [Fact]
    public void Nothing_delivered_costs_nothing_the_input_neither()
    {
        var charge = Charge(Sample.Request(), Sample.Delivery(new(8, 0, 196), returned: 1, delivered: 0));

        Assert.Equal(Money.Zero, charge.Amount);
        Assert.Equal(new Money(40 + 5_880), charge.UpstreamCost);
    }

    [Fact]
    public void A_partial_image_that_nobody_asked_for_is_ours()
    {
        var asked = Charge(Sample.Request(stream: true, partialImages: 1), Sample.Delivery(new(8, 0, 296), partialImages: 1));
        var forced = Charge(Sample.Request(), Sample.Delivery(new(8, 0, 296), partialImages: 1));

        Assert.Equal(new Money(50 + 7_350 + 3_750), asked.Amount);
        Assert.Equal(new Money(50 + 7_350), forced.Amount);
        Assert.Equal(asked.UpstreamCost, forced.UpstreamCost);
    }

    [Fact]
    public void Without_usage_the_formula_for_what_came_is_charged()
    {
        var charge = Charge(Sample.Request(), Sample.Delivery(usage: null));

        Assert.Equal(new Money(7_350), charge.Amount);
    }

    [Fact]
    public void Whatever_usage_comes_the_charge_is_never_more_than_the_quote_and_never_less_than_nothing()
    {
        var counts = Gen.OneOf(Gen.Long[0, 20_000], Gen.Long[0, 100_000_000]);
        var images = Gen.Int[1, 10];
        Gen.Select(counts, counts, counts, images, images, Gen.Int[0, 4], Gen.Bool).Sample((text, image, output, count, delivered, partials, hasUsage) =>
        {
            var request = Sample.Request(count: count);
            var quote = Quote(request);
            var charge = Charge(request, Sample.Delivery(hasUsage ? new(text, image, output) : null, count, Math.Min(count, delivered), partials));
            return charge.Amount >= Money.Zero && charge.Amount <= quote.Amount && charge.UpstreamCost >= Money.Zero;
        }, iter: 10_000);
    }

    [Fact]
    public void A_flat_price_is_held_and_charged_per_delivered_image()
    {
        var rate = Flat().For(new(0));
        var request = Sample.Request(count: 4);
        var quote = rate.Quote(request).Value();

        var charge = rate.Charge(request, quote, Sample.Delivery(usage: null, returned: 4, delivered: 3));

        Assert.Equal(new Money(40_000), quote.Amount);
        Assert.Equal(new Charge(new(30_000), new(40_000)), charge);
    }

    [Fact]
    public void A_size_without_a_flat_price_is_refused_and_never_sold_at_zero()
    {
        Assert.Equal("unsupported_by_model", Flat().For(new(0)).Quote(Sample.Request(size: "2048x2048")).Error().Code);
    }

    private static Price Flat() => new("flat@1", "gpt-image-2", new(2026, 1, 1), "test", new FlatTariff(new Dictionary<(ImageSize, ImageQuality), Money>
    {
        [(new(1024, 1024), ImageQuality.Low)] = new(10_000),
    }));

    private static Rate Rate(ImageRequest request) => Sample.Prices.PriceOf(request.Model, Sample.Now).Value().For(new(2_500));

    private static Quote Quote(ImageRequest request) => Rate(request).Quote(request).Value();

    private static Charge Charge(ImageRequest request, Delivery delivery) => Rate(request).Charge(request, Quote(request), delivery);
}
