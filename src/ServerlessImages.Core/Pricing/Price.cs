using ServerlessImages.Images;

namespace ServerlessImages.Pricing;

/// <summary>A model's price from a day on. Never edited: a new one with a later day and its own source takes over.</summary>
/// <param name="Version">Unique; on every hold, entry and answer.</param>
/// <param name="EffectiveFrom">From this day on, 00:00 UTC.</param>
/// <param name="Cost">What the upstream takes.</param>
/// <param name="Selling">What we take, or null: the cost plus the plan's markup.</param>
public sealed record Price(string Version, string Model, DateOnly EffectiveFrom, string Source, Tariff Cost, Tariff? Selling = null)
{
    /// <summary>Which one it is of those that operators added for its day, from 1 on; 0 for one of the file.</summary>
    public int AddedAs { get; init; }

    public Rate For(Markup markup) => new(this, Selling ?? Cost.With(markup));
}

/// <summary>A price as one account sees it: what it will be quoted and charged.</summary>
public sealed class Rate
{
    private readonly Price price;
    private readonly Tariff selling;

    internal Rate(Price price, Tariff selling) => (this.price, this.selling) = (price, selling);

    public string PriceVersion => price.Version;

    /// <summary>The upper bound of the charge, and so the hold. An unpriced size or quality is refused, never sold at 0.</summary>
    public Result<Quote> Quote(ImageRequest request) =>
        selling.Quote(request) is { Micros: > 0 } amount
            ? new Quote(amount, price.Version)
            : ApiError.UnsupportedByModel("size", request.Model.Id, "sizes and qualities with a price");

    /// <summary>Per million tokens of each kind; null where the model is sold at a flat price per image.</summary>
    public TokenTariff? PerToken => selling as TokenTariff;

    /// <summary>What one image's output is quoted at, beside its text and its input images; null if that size and quality has no price.</summary>
    public Money? PerImage(ModelSpec model, ImageSize size, ImageQuality quality) => selling.PerImage(model, size, quality);

    /// <summary>What the quote is made of.</summary>
    public IReadOnlyList<PriceLine> Lines(ImageRequest request) => selling.Lines(request);

    /// <summary>For delivered, decodable images only; never more than the quote.</summary>
    public Charge Charge(ImageRequest request, Quote quote, Delivery delivery) =>
        new(Money.Min(selling.Charge(request, delivery), quote.Amount), price.Cost.UpstreamCost(request, delivery));
}

/// <param name="Item"><c>text_input_tokens</c>, <c>image_input_tokens</c>, <c>output_tokens</c> or <c>images</c>.</param>
/// <param name="Quantity">The most of it that the request can take.</param>
public sealed record PriceLine(string Item, long Quantity, Money Amount);

/// <summary>The most that a request can cost.</summary>
public sealed record Quote(Money Amount, string PriceVersion);

/// <summary>What a request did cost: the caller, and us.</summary>
public sealed record Charge(Money Amount, Money UpstreamCost);
