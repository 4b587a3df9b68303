using ServerlessImages.Api.Pages;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Desk;

/// <summary>What a price is made of, cell by cell, as a form has it: three rates per million tokens, or an amount for each size and quality.</summary>
/// <param name="Size">Of a flat price; "" for rates.</param>
public sealed record PriceCell(string Name, string Label, string Size, string Quality);

/// <summary>A tariff as the fields of a form, and back. The cells of a model's new price are those of the price that it has: nothing that is sold goes without one.</summary>
internal static class PriceForm
{
    public const string Cost = "cost_";
    public const string Selling = "selling_";

    private static readonly PriceCell[] Rates =
    [
        new("text_input", "Text in, a million tokens", "", ""),
        new("image_input", "Images in, a million tokens", "", ""),
        new("output", "Images out, a million tokens", "", ""),
    ];

    /// <param name="tariff">Null for a model that was never sold: by tokens.</param>
    public static IReadOnlyList<PriceCell> CellsOf(Tariff? tariff) => tariff is FlatTariff flat
        ? [.. flat.Prices.Keys.OrderBy(key => key.Size.ToString(), StringComparer.Ordinal).ThenBy(key => key.Quality).Select(key => new PriceCell($"{key.Size}_{key.Quality.ToWire()}", $"{key.Size}, {key.Quality.ToWire()}", key.Size.ToString(), key.Quality.ToWire()))]
        : Rates;

    /// <summary>What stands in the form before anybody has typed.</summary>
    public static FormState Of(Price? price, DateOnly firstDay)
    {
        List<(string, string?)> values = [("effective_from", firstDay.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)), ("source", price?.Source)];
        if (price is not null) values.AddRange(Typed(Cost, price.Cost));
        if (price?.Selling is { } selling) values.AddRange(Typed(Selling, selling));
        return FormState.With([.. values]);
    }

    /// <returns>The tariff of the cells; null where none is filled in.</returns>
    public static Result<Tariff>? Read(PageFields fields, string prefix, IReadOnlyList<PriceCell> cells)
    {
        var amounts = cells.Select(cell => (Cell: cell, Amount: fields.Dollars(prefix + cell.Name))).ToArray();
        if (amounts.All(each => each.Amount is null)) return null;
        if (amounts.FirstOrDefault(each => each.Amount is null).Cell is { } missing) return ApiError.MissingParameter(prefix + missing.Name);
        return cells == Rates
            ? new TokenTariff(new(amounts[0].Amount!.Value), new(amounts[1].Amount!.Value), new(amounts[2].Amount!.Value))
            : new FlatTariff(amounts.ToDictionary(each => KeyOf(each.Cell), each => each.Amount!.Value));
    }

    private static IEnumerable<(string, string?)> Typed(string prefix, Tariff tariff) => tariff switch
    {
        TokenTariff tokens => [(prefix + Rates[0].Name, tokens.TextInput.PerMillion.ToString()), (prefix + Rates[1].Name, tokens.ImageInput.PerMillion.ToString()), (prefix + Rates[2].Name, tokens.Output.PerMillion.ToString())],
        FlatTariff flat => flat.Prices.Select(each => ($"{prefix}{each.Key.Size}_{each.Key.Quality.ToWire()}", (string?)each.Value.ToString())),
        _ => throw new ArgumentOutOfRangeException(nameof(tariff)),
    };

    private static (ImageSize Size, ImageQuality Quality) KeyOf(PriceCell cell) =>
        ImageSize.TryParse(cell.Size, out var size) && WireNames.TryFromWire<ImageQuality>(cell.Quality, out var quality) ? (size, quality) : throw new InvalidOperationException($"{cell.Name} is no size and quality.");
}
