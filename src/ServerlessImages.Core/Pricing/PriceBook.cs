using System.Globalization;
using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.Pricing;

/// <summary>All prices, dated. Shipped as <c>prices.json</c>; an operator may put another file in its place.</summary>
public sealed class PriceBook
{
    private const decimal DollarsMax = 1_000_000;
    private readonly ILookup<string, Price> newestFirst;

    private PriceBook(IReadOnlyCollection<Price> prices)
    {
        var twice = prices.GroupBy(price => price.Version, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new JsonException($"The price version {twice.Key} is in the book twice.");
        newestFirst = prices.OrderByDescending(price => price.EffectiveFrom).ThenByDescending(price => price.AddedAs).ToLookup(price => price.Model, StringComparer.Ordinal);
    }

    public static string ShippedJson => DataFile.Shipped("prices.json");

    /// <exception cref="JsonException">The text is not of the form of <c>prices.json</c>.</exception>
    public static PriceBook Parse(string json) => new([.. DataFile.Parse<FileJson>(json).Prices.Select(PriceOf)]);

    /// <summary>The same with some prices more.</summary>
    /// <exception cref="JsonException">A version is there twice.</exception>
    public PriceBook With(IReadOnlyCollection<Price> added) => added.Count == 0 ? this : new([.. All, .. added]);

    /// <summary>By model, newest first.</summary>
    public IEnumerable<Price> All => newestFirst.SelectMany(group => group);

    /// <summary>The price in force at <paramref name="time"/>. A model without one is unknown to callers: nothing is priced at 0.</summary>
    public Result<Price> PriceOf(ModelSpec model, DateTimeOffset time)
    {
        var day = DateOnly.FromDateTime(time.UtcDateTime);
        var price = newestFirst[model.Id].FirstOrDefault(each => each.EffectiveFrom <= day);
        return price is null ? ApiError.UnknownModel(model.Id) : price;
    }

    /// <summary>A price by its version, in force or not: a quote keeps the one it was made with.</summary>
    public Price? Find(string version) => All.FirstOrDefault(price => price.Version == version);

    /// <summary>A tariff alone, in the form of the file's <c>cost</c> and <c>selling</c>.</summary>
    /// <exception cref="JsonException">It is not of that form, or has a price that is none.</exception>
    public static Tariff ParseTariff(string json) => TariffOf("that is added", DataFile.Parse<TariffForm>(json));

    /// <summary>The form of the file.</summary>
    public static string TariffJson(Tariff tariff) => DataFile.Write(tariff switch
    {
        TokenTariff tokens => new TariffForm(new(tokens.TextInput.PerMillion.ToString(), tokens.ImageInput.PerMillion.ToString(), tokens.Output.PerMillion.ToString())),
        FlatTariff flat => new TariffForm(PerImageUsd: flat.Prices.GroupBy(price => price.Key.Size.ToString()).OrderBy(size => size.Key, StringComparer.Ordinal).ToDictionary(size => size.Key, size => size.OrderBy(price => price.Key.Quality).ToDictionary(price => price.Key.Quality.ToWire(), price => price.Value.ToString()))),
        _ => throw new ArgumentOutOfRangeException(nameof(tariff)),
    });

    private static Price PriceOf(PriceJson price) =>
        new(price.Version, price.Model, price.EffectiveFrom, price.Source, TariffOf(price.Version, price.Cost), price.Selling is { } selling ? TariffOf(price.Version, selling) : null);

    private static Tariff TariffOf(string version, TariffForm tariff) => (tariff.PerMillionTokensUsd, tariff.PerImageUsd) switch
    {
        ({ } tokens, null) => new TokenTariff(new(Dollars(tokens.TextInput)), new(Dollars(tokens.ImageInput)), new(Dollars(tokens.Output))),
        (null, { Count: > 0 } images) when images.Values.All(row => row.Count > 0) => new FlatTariff(images.SelectMany(row => row.Value, Cell).ToDictionary(cell => (cell.Size, cell.Quality), cell => cell.Price)),
        _ => throw new JsonException($"The price {version} needs either per_million_tokens_usd or per_image_usd."),
    };

    private static (ImageSize Size, ImageQuality Quality, Money Price) Cell(KeyValuePair<string, Dictionary<string, string>> row, KeyValuePair<string, string> cell) =>
        ImageSize.TryParse(row.Key, out var size) && WireNames.TryFromWire<ImageQuality>(cell.Key, out var quality)
            ? (size, quality, Dollars(cell.Value))
            : throw new JsonException($"{row.Key} {cell.Key} is not a size and quality.");

    /// <summary>A decimal string of dollars, exact to the micro-dollar, above zero and at most a million.</summary>
    private static Money Dollars(string text)
    {
        var isNumber = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars);
        var micros = isNumber && dollars <= DollarsMax ? dollars * Money.MicrosPerDollar : 0;
        return micros > 0 && micros == decimal.Truncate(micros) ? new Money((long)micros) : throw new JsonException($"{text} is not a price in dollars.");
    }

    private sealed record FileJson(IReadOnlyList<PriceJson> Prices);

    private sealed record PriceJson(string Version, string Model, DateOnly EffectiveFrom, string Source, TariffForm Cost, TariffForm? Selling = null);

    private sealed record TariffForm(TokensJson? PerMillionTokensUsd = null, Dictionary<string, Dictionary<string, string>>? PerImageUsd = null);

    private sealed record TokensJson(string TextInput, string ImageInput, string Output);
}
