using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Images;

/// <summary>The JSON of a model: OpenAI's members, what it can do, and what that costs the caller.</summary>
internal static class ModelAnswer
{
    public static object Of(SoldModel sold, Plan plan)
    {
        var model = sold.Model;
        return new
        {
            id = model.Id,
            @object = "model",
            created = Seconds(model.Created),
            owned_by = "openai",
            aliases = model.Aliases,
            shutdown_date = model.ShutdownDate is { } day ? Seconds(day) : (long?)null,
            capabilities = Capabilities(model),
            prices = Prices(model, sold.Price.For(plan.Markup)),
            expected_seconds = model.ExpectedTime.ToDictionary(pair => pair.Key.ToWire(), pair => pair.Value.TotalSeconds),
        };
    }

    private static object Capabilities(ModelSpec model) => new
    {
        sizes = ModelSpec.StandardSizes.Select(size => size.ToString()).Prepend("auto"),
        any_size = model.AnySize is { } rule ? new { multiple_of = rule.MultipleOf, ratio_max = rule.RatioMax, edge_max = rule.EdgeMax, pixels_min = rule.PixelsMin, pixels_max = rule.PixelsMax } : null,
        qualities = model.Qualities.Select(each => each.ToWire()).Prepend("auto"),
        output_formats = model.Formats.Select(each => each.ToWire()),
        backgrounds = model.Backgrounds.Select(each => each.ToWire()).Prepend("auto"),
        input_fidelities = model.InputFidelities.Select(each => each.ToWire()),
        takes_markup = model.TakesMarkup,
        input_images_max = ImageRequest.InputsMax,
        n_max = ImageRequest.CountMax,
        streaming = true,
        partial_images_max = ImageRequest.PartialImagesMax,
    };

    private static object Prices(ModelSpec model, Rate rate) => new
    {
        price_version = rate.PriceVersion,
        currency = "usd",
        per_million_tokens_usd = rate.PerToken is { } tokens ? new { text_input = Text(tokens.TextInput), image_input = Text(tokens.ImageInput), output = Text(tokens.Output) } : null,
        per_image_usd = ModelSpec.StandardSizes.ToDictionary(size => size.ToString(), size => PerQuality(model, rate, size)),
    };

    /// <summary>The most that one image's output costs. A quality without a price in that size cannot be bought, and is not listed.</summary>
    private static Dictionary<string, string> PerQuality(ModelSpec model, Rate rate, ImageSize size) =>
        model.Qualities
            .Select(quality => (Quality: quality, Amount: rate.PerImage(model, size, quality)))
            .Where(each => each.Amount is not null)
            .ToDictionary(each => each.Quality.ToWire(), each => each.Amount!.Value.ToString());

    private static string Text(TokenRate rate) => rate.PerMillion.ToString();

    private static long Seconds(DateOnly day) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeSeconds();
}
