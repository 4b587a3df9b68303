using ServerlessImages.Images;

namespace ServerlessImages.Pricing;

/// <summary>How a model is priced: per token, or flat per image. One tariff for what the upstream takes, one for what we take.</summary>
public abstract record Tariff
{
    /// <summary>The most that the request can cost, rounded up; null if the tariff has no price for its size and quality.</summary>
    public abstract Money? Quote(ImageRequest request);

    /// <summary>The parts of the quote, which add up to it; only for a request that has one.</summary>
    public abstract IReadOnlyList<PriceLine> Lines(ImageRequest request);

    /// <summary>What one image's output is quoted at, whatever its prompt; null if the tariff has no price for its size and quality.</summary>
    public abstract Money? PerImage(ModelSpec model, ImageSize size, ImageQuality quality);

    /// <summary>What the delivered images cost, rounded down line by line.</summary>
    public abstract Money Charge(ImageRequest request, Delivery delivery);

    /// <summary>What all that the upstream drew costs, rounded up: also what was not delivered and what nobody asked for.</summary>
    public abstract Money UpstreamCost(ImageRequest request, Delivery delivery);

    public abstract Tariff With(Markup markup);
}

/// <summary>Per million tokens of each kind.</summary>
public sealed record TokenTariff(TokenRate TextInput, TokenRate ImageInput, TokenRate Output) : Tariff
{
    /// <summary>Output tokens of one partial image. Source: OpenAI image guide, "partial images".</summary>
    public const long TokensPerPartialImage = 100;

    public override Money? Quote(ImageRequest request) => Lines(request).Aggregate(Money.Zero, (sum, line) => sum + line.Amount);

    public override IReadOnlyList<PriceLine> Lines(ImageRequest request)
    {
        var bound = TokenBound.Of(request);
        return
        [
            new("text_input_tokens", bound.TextInput, TextInput.Quote(bound.TextInput)),
            new("image_input_tokens", bound.ImageInput, ImageInput.Quote(bound.ImageInput)),
            new("output_tokens", bound.Output, Output.Quote(bound.Output)),
        ];
    }

    public override Money? PerImage(ModelSpec model, ImageSize size, ImageQuality quality) => Output.Quote(model.OutputTokens.For(size, quality, 1));

    public override Money Charge(ImageRequest request, Delivery delivery)
    {
        if (delivery.Delivered == 0) return Money.Zero;

        var usage = delivery.Usage ?? TokenBound.WithoutUsage(request, delivery);
        var unasked = Math.Max(0, delivery.PartialImages - request.PartialImages);
        var output = Math.Max(0, usage.Output - (unasked * TokensPerPartialImage));
        return TextInput.Charge(usage.TextInput) + ImageInput.Charge(usage.ImageInput) + Output.ChargeShare(output, delivery.Delivered, delivery.Returned);
    }

    public override Money UpstreamCost(ImageRequest request, Delivery delivery)
    {
        var usage = delivery.Usage ?? TokenBound.WithoutUsage(request, delivery);
        var repeated = delivery.RepeatedInput;
        return TextInput.Quote(usage.TextInput + repeated.TextInput) + ImageInput.Quote(usage.ImageInput + repeated.ImageInput) + Output.Quote(usage.Output);
    }

    public override Tariff With(Markup markup) => new TokenTariff(TextInput.With(markup), ImageInput.With(markup), Output.With(markup));
}

/// <summary>Per image, by size and quality.</summary>
public sealed record FlatTariff(IReadOnlyDictionary<(ImageSize Size, ImageQuality Quality), Money> Prices) : Tariff
{
    public override Money? Quote(ImageRequest request)
    {
        ImageSize[] sizes = request.Size is { } size ? [size] : [.. ModelSpec.StandardSizes];
        var prices = sizes.Select(each => PerImage(request.Model, each, ModelSpec.AtMost(request.Quality))).ToArray();
        return prices.All(price => price is not null) ? prices.Max() * request.Count : null;
    }

    public override IReadOnlyList<PriceLine> Lines(ImageRequest request) => [new("images", request.Count, Quote(request) ?? Money.Zero)];

    public override Money? PerImage(ModelSpec model, ImageSize size, ImageQuality quality) => Prices.TryGetValue((size, quality), out var price) ? price : null;

    public override Money Charge(ImageRequest request, Delivery delivery) => Each(request, delivery) * delivery.Delivered;

    public override Money UpstreamCost(ImageRequest request, Delivery delivery) => Each(request, delivery) * delivery.Returned;

    public override Tariff With(Markup markup) => new FlatTariff(Prices.ToDictionary(pair => pair.Key, pair => markup.On(pair.Value)));

    /// <summary>What was drawn has its own price; where the list has none (a size of the model's own choice) the cheapest applies, since doubt is ours.</summary>
    private Money Each(ImageRequest request, Delivery delivery)
    {
        var quality = delivery.Quality == ImageQuality.Auto ? ImageQuality.Low : delivery.Quality;
        return Prices.TryGetValue((delivery.Size, quality), out var price) ? price : Prices.Values.Min();
    }
}
