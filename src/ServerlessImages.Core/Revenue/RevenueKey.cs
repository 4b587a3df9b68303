using System.Globalization;
using ServerlessImages.Ledger;

namespace ServerlessImages.Revenue;

/// <summary>A day, by the ledger's hours in UTC, and a model: what revenue is added up by.</summary>
public sealed record RevenueKey(DateOnly Day, string Model)
{
    private const string DayFormat = "yyyyMMdd";

    /// <summary>As in row keys, where it comes after the row's letter: <c>20261123|gpt-image-2</c>.</summary>
    public override string ToString() => $"{Text(Day)}|{Model}";

    public static RevenueKey Of(LedgerEntry entry) => new(DateOnly.FromDateTime(entry.Hour.Start.UtcDateTime), entry.Request?.Summary.Model ?? throw new ArgumentException("Only requests bring and cost.", nameof(entry)));

    public static RevenueKey Parse(string text) => new(ParseDay(text[..DayFormat.Length]), text[(DayFormat.Length + 1)..]);

    public static DateOnly ParseDay(string text) => DateOnly.ParseExact(text, DayFormat, CultureInfo.InvariantCulture);

    /// <summary>The start of the keys of a day.</summary>
    public static string Text(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);
}
