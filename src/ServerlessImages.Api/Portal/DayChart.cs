using System.Globalization;
using ServerlessImages.Api.Pages.Parts;

namespace ServerlessImages.Api.Portal;

/// <summary>What was spent on each of some days, by the largest values and all others together.</summary>
public sealed record DayChart(IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<ChartSeries> Series, string Summary)
{
    /// <summary>Of the colours that a chart has, the last is for what is left.</summary>
    private const int SeriesMax = 5;

    /// <param name="charges">By day and value; a day and value may come more than once.</param>
    /// <param name="nameOf">What a value is called.</param>
    public static DayChart Of(DateOnly first, DateOnly last, IReadOnlyList<(DateOnly Day, string Value, Money Amount)> charges, Func<string, string> nameOf)
    {
        var days = Enumerable.Range(first.DayNumber, last.DayNumber - first.DayNumber + 1).Select(DateOnly.FromDayNumber).ToArray();
        var ranked = charges.GroupBy(each => each.Value, StringComparer.Ordinal).OrderByDescending(group => group.Sum(each => each.Amount.Micros)).ThenBy(group => group.Key, StringComparer.Ordinal).ToArray();
        var named = ranked.Length <= SeriesMax + 1 ? ranked.Length : SeriesMax;
        var series = ranked.Take(named).Select(group => new ChartSeries(nameOf(group.Key), Sums(days, group))).ToList();
        if (named < ranked.Length) series.Add(new("others", Sums(days, ranked.Skip(named).SelectMany(group => group))));
        if (series.Count == 0) series.Add(new("all", [.. days.Select(_ => (decimal?)0)]));
        return new([.. days.Select(day => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero))], series, SummaryOf(days, charges, ranked.FirstOrDefault() is { } top ? nameOf(top.Key) : null));
    }

    private static decimal?[] Sums(DateOnly[] days, IEnumerable<(DateOnly Day, string Value, Money Amount)> charges)
    {
        var byDay = charges.GroupBy(each => each.Day).ToDictionary(group => group.Key, group => group.Sum(each => each.Amount.Micros));
        return [.. days.Select(day => (decimal?)(byDay.GetValueOrDefault(day) / (decimal)Money.MicrosPerDollar))];
    }

    private static string SummaryOf(DateOnly[] days, IReadOnlyList<(DateOnly Day, string Value, Money Amount)> charges, string? top)
    {
        if (top is null) return $"Nothing was spent in {days.Length} days.";
        var most = charges.GroupBy(each => each.Day).Select(group => (Day: group.Key, Amount: group.Aggregate(Money.Zero, (sum, each) => sum + each.Amount))).MaxBy(day => day.Amount);
        return string.Create(CultureInfo.InvariantCulture, $"Bars for {days.Length} days. Most was spent on {most.Day:yyyy-MM-dd}, ${most.Amount}; the largest share is {top}.");
    }
}
