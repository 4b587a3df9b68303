using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Pricing;

/// <summary>The row of a price that an operator added.</summary>
internal static class AddedPrice
{
    private const string Source = nameof(Price.Source);
    private const string Cost = nameof(Price.Cost);
    private const string Selling = nameof(Price.Selling);

    public static string KeysOf(string model, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{model}|{day:yyyyMMdd}|");

    public static string KeyOf(string model, DateOnly day, int number) => KeysOf(model, day) + number.ToString("D3", CultureInfo.InvariantCulture);

    /// <summary>As in the file, with a mark and the number: no version of the file is like it.</summary>
    public static string VersionOf(string model, DateOnly day, int number) => string.Create(CultureInfo.InvariantCulture, $"{model}@{day:yyyy-MM-dd}+{number}");

    public static Columns ToColumns(Price price)
    {
        var columns = new Columns { { Source, price.Source }, { Cost, PriceBook.TariffJson(price.Cost) } };
        if (price.Selling is { } selling) columns.Add(Selling, PriceBook.TariffJson(selling));
        return columns;
    }

    public static Price From(Row row)
    {
        var (model, day, number) = row.Key.Split('|') is [var first, var second, var third]
            ? (first, DateOnly.ParseExact(second, "yyyyMMdd", CultureInfo.InvariantCulture), int.Parse(third, CultureInfo.InvariantCulture))
            : throw new InvalidDataException($"{row.Key} is the key of no price.");
        var version = VersionOf(model, day, number);
        var selling = row.Columns.Text(Selling);
        return new Price(version, model, day, row.Columns.Text(Source), PriceBook.ParseTariff(row.Columns.Text(Cost)), selling.Length == 0 ? null : PriceBook.ParseTariff(selling)) { AddedAs = number };
    }
}
