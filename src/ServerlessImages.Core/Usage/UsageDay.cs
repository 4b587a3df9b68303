using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Ledger;
using ServerlessImages.Revenue;

namespace ServerlessImages.Usage;

/// <summary>What was charged on one day, by one dimension: one row, however many values the dimension has.</summary>
/// <param name="Day">By the ledger's hours, in UTC.</param>
public sealed record UsageDay(UsageDimension Dimension, DateOnly Day)
{
    public const string RowsStart = "D|";

    /// <summary>128 bits, as with combinations: a tag's name may have letters that no key may have.</summary>
    private const int HashDigits = 32;

    /// <summary>What every charge has, beside its tags. By model there are the rows of revenue.</summary>
    private static readonly UsageDimension[] OfAll = [UsageDimension.Key, UsageDimension.Quality];

    public string RowKey => Key(Dimension, Day);

    /// <summary>The key of a dimension's row of a day. Between two of them are those of the days between.</summary>
    public static string Key(UsageDimension dimension, DateOnly day) => $"{RowsStart}{Name(dimension)}|{RevenueKey.Text(day)}";

    /// <summary>The day of a row.</summary>
    public static DateOnly DayOf(string rowKey) => RevenueKey.ParseDay(rowKey[(rowKey.LastIndexOf('|') + 1)..]);

    public static DateOnly DayOf(LedgerHour hour) => DateOnly.FromDateTime(hour.Start.UtcDateTime);

    public static LedgerHour StartOf(DateOnly day) => LedgerHour.Of(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero));

    /// <summary>The first hour that is not in it.</summary>
    public static LedgerHour EndOf(DateOnly day) => new(StartOf(day).Number + 24);

    /// <summary>The rows that a charge belongs to, and its value in each.</summary>
    /// <param name="tags">The names by which days are added up.</param>
    public static IEnumerable<(UsageDay Day, string Value)> Of(UsageCombination charged, IReadOnlyCollection<string> tags)
    {
        var day = DayOf(charged.Hour);
        foreach (var dimension in OfAll) yield return (new(dimension, day), dimension.ValueOf(charged));
        foreach (var (name, value) in charged.TagValues().Where(tag => tags.Contains(tag.Name))) yield return (new(UsageDimension.Tag(name), day), value);
    }

    private static string Name(UsageDimension dimension) =>
        dimension.TagName is { } tag ? "tag:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tag)))[..HashDigits] : dimension.Name;
}
