using ServerlessImages.Ledger;

namespace ServerlessImages.Usage;

/// <summary>What an account used, up to the last charge: the rollups are brought up to date first, then added up by the groups that are asked for.</summary>
public sealed class ReadUsage(UsageRollups rollups)
{
    private const int HourBucketsMax = 31 * 24;
    private const int LinesMax = 10_000;

    /// <summary>100 reads of the store, some seconds.</summary>
    private const int RowsMax = 100_000;

    /// <summary>Reads in a row during which others moved the rollups on.</summary>
    private const int TriesMax = 5;

    /// <returns>Or <c>usage_too_large</c>, <c>usage_not_ready</c>.</returns>
    public async Task<Result<UsageReport>> RunAsync(LedgerPartition partition, UsageQuery query, CancellationToken cancel)
    {
        if (query.Bucket == UsageBucket.Hour && query.To.Number - query.From.Number > HourBucketsMax) return ApiError.UsageTooLarge("31 days by the hour");
        if (!await rollups.AdvanceAsync(partition, cancel)) return ApiError.UsageNotReady;

        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            var through = await rollups.CursorAsync(partition, cancel);
            if (!(await AddUpAsync(partition, query, cancel)).TryGet(out var lines, out var error)) return error;
            // Sums that were read while they moved would be of no one moment.
            if (await rollups.CursorAsync(partition, cancel) == through) return new UsageReport(query, lines, lines.Aggregate(UsageSums.None, (sum, line) => sum + line.Sums), through);
        }

        return ApiError.UsageNotReady;
    }

    private async Task<Result<UsageLine[]>> AddUpAsync(LedgerPartition partition, UsageQuery query, CancellationToken cancel)
    {
        var lines = new SortedDictionary<Group, UsageSums>(Group.Order);
        var rows = 0;
        await foreach (var (combination, sums) in rollups.ReadAsync(partition, query.From, query.To, cancel))
        {
            if (++rows > RowsMax) return ApiError.UsageTooLarge($"{RowsMax} combinations of hour, model, quality, key, end user and tags");
            if (!query.Filters.All(filter => filter.Fits(combination))) continue;

            var group = new Group(query.StartOf(combination.Hour), query.EndOf(combination.Hour), [.. query.GroupBy.Select(dimension => dimension.ValueOf(combination))]);
            lines[group] = lines.GetValueOrDefault(group, UsageSums.None) + sums;
            if (lines.Count > LinesMax) return ApiError.UsageTooLarge($"{LinesMax} lines");
        }

        return lines.Select(line => new UsageLine(line.Key.Start, line.Key.End, line.Key.Values, line.Value)).ToArray();
    }

    private sealed record Group(LedgerHour Start, LedgerHour End, string[] Values)
    {
        public static Comparer<Group> Order { get; } = Comparer<Group>.Create(Compare);

        private static int Compare(Group left, Group right)
        {
            var order = left.Start.CompareTo(right.Start);
            for (var index = 0; order == 0 && index < left.Values.Length; index++) order = string.CompareOrdinal(left.Values[index], right.Values[index]);
            return order;
        }
    }
}
