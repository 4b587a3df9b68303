using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Pages.Site;

/// <summary>A model's line in the table of prices: what the output of one image costs at most, by quality, and the price of each kind of token.</summary>
/// <param name="PerImage">By the name of the quality; null where it is not sold in that size.</param>
/// <param name="PerToken">Text in, image in, image out, per million; null where the model has a flat price per image.</param>
public sealed record PriceRow(string Model, string PriceVersion, DateOnly Since, IReadOnlyDictionary<string, Money?> PerImage, (Money Text, Money Image, Money Output)? PerToken)
{
    /// <summary>In which images are compared.</summary>
    internal static ImageSize Size => ModelSpec.StandardSizes[0];

    internal static PriceRow Of(SoldModel sold, Markup markup)
    {
        var rate = sold.Price.For(markup);
        return new(
            sold.Model.Id,
            rate.PriceVersion,
            sold.Price.EffectiveFrom,
            sold.Model.Qualities.ToDictionary(quality => quality.ToWire(), quality => rate.PerImage(sold.Model, Size, quality)),
            rate.PerToken is { } tokens ? (tokens.TextInput.PerMillion, tokens.ImageInput.PerMillion, tokens.Output.PerMillion) : null);
    }
}
