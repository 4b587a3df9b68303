using System.Diagnostics;
using ServerlessImages.Ledger;

namespace ServerlessImages.Usage;

/// <summary>Where the buckets of time begin and end. Those at the edges of a query are cut off there, so that each says which hours are in it.</summary>
internal static class UsageBuckets
{
    public static LedgerHour StartOf(this UsageQuery query, LedgerHour hour)
    {
        var start = query.Bucket switch
        {
            UsageBucket.Hour => hour,
            UsageBucket.Day => new(hour.Day * 24),
            UsageBucket.Month => LedgerHour.Of(new DateTimeOffset(hour.Start.Year, hour.Start.Month, 1, 0, 0, 0, TimeSpan.Zero)),
            UsageBucket.All => query.From,
            _ => throw new UnreachableException(),
        };
        return start > query.From ? start : query.From;
    }

    public static LedgerHour EndOf(this UsageQuery query, LedgerHour hour)
    {
        var end = query.Bucket switch
        {
            UsageBucket.Hour => new(hour.Number + 1),
            UsageBucket.Day => LedgerHour.Of(hour.NextDay),
            UsageBucket.Month => LedgerHour.Of(hour.NextMonth),
            UsageBucket.All => query.To,
            _ => throw new UnreachableException(),
        };
        return end < query.To ? end : query.To;
    }
}
