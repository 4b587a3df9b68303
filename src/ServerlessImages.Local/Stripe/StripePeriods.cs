using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>The ends of a subscription's periods: its anchor, and every interval from there.</summary>
internal static class StripePeriods
{
    /// <param name="recurring">Of the price: its interval.</param>
    /// <returns>The first end after a moment, in Unix seconds.</returns>
    public static long Next(JsonObject recurring, long anchor, long after)
    {
        var count = 0;
        while (Later(recurring, anchor, count) <= after) count++;
        return Later(recurring, anchor, count);
    }

    /// <summary>A month after the 31st of January is the last of February, and two months after it the 31st of March.</summary>
    public static long Later(JsonObject recurring, long anchor, int count)
    {
        var (start, number) = (DateTimeOffset.FromUnixTimeSeconds(anchor), count * (int)recurring.Number("interval_count"));
        var later = recurring.Text("interval") switch
        {
            "day" => start.AddDays(number),
            "week" => start.AddDays(7 * number),
            "year" => start.AddYears(number),
            _ => start.AddMonths(number),
        };
        return later.ToUnixTimeSeconds();
    }
}
