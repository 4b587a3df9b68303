using ServerlessImages.Ledger;
using ServerlessImages.Revenue;

namespace ServerlessImages.Usage;

/// <summary>What an account used, by day and one dimension: a few pages of rows, however much it was. For pages, which may be a little behind and then say so.</summary>
public sealed class ReadDays(UsageRollups rollups)
{
    /// <summary>Three months.</summary>
    public const int DaysMax = 92;

    /// <summary>What a day does not name by itself.</summary>
    public const string Others = "\u2026";

    /// <summary>Of a page that waits: what was charged since the last run of the sweeper, mostly.</summary>
    private const int StepsMax = 1;

    private const int RowsPerPage = 1_000;
    private const int PagesMax = 2;

    /// <summary>Brings the rollups a little further.</summary>
    /// <returns>How far they are.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked, or not be written to.</exception>
    public async Task<DaysState> AdvanceAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var isComplete = await TryAdvanceAsync(partition, cancel);
        var progress = await rollups.DaysProgressAsync(partition, cancel);
        return new(progress, isComplete);
    }

    /// <param name="from">The first day.</param>
    /// <param name="to">The first day that is not meant any more, at most <see cref="DaysMax"/> after it.</param>
    /// <param name="dimension">Model, key, quality or a tag.</param>
    /// <returns>Or <c>usage_too_large</c>.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<UsageReport>> RunAsync(LedgerPartition partition, DateOnly from, DateOnly to, UsageDimension dimension, CancellationToken cancel)
    {
        if (to.DayNumber - from.DayNumber > DaysMax) return ApiError.UsageTooLarge($"{DaysMax} days");
        var through = await rollups.CursorAsync(partition, cancel);
        if (!(await LinesAsync(partition, from, to, dimension, cancel)).TryGet(out var lines, out var error)) return error;
        var query = new UsageQuery(UsageDay.StartOf(from), UsageDay.StartOf(to), UsageBucket.Day, [dimension], []);
        return new UsageReport(query, lines, lines.Aggregate(UsageSums.None, (sum, line) => sum + line.Sums), through);
    }

    /// <summary>By model, with what was not charged: of at most one page.</summary>
    /// <inheritdoc cref="RunAsync" path="/exception"/>
    public Task<IReadOnlyList<(RevenueKey Key, RevenueSums Sums)>> ByModelAsync(LedgerPartition partition, DateOnly from, DateOnly to, CancellationToken cancel) => rollups.RevenueAsync(partition, from, to, RowsPerPage, cancel);

    private async Task<Result<UsageLine[]>> LinesAsync(LedgerPartition partition, DateOnly from, DateOnly to, UsageDimension dimension, CancellationToken cancel)
    {
        if (dimension == UsageDimension.Model) return await LinesByModelAsync(partition, from, to, cancel);
        var days = (await rollups.DaysAsync(partition, dimension, from, to, cancel)).ToDictionary(day => day.Day, day => day.Sums);
        // Of tags those days know only what has one. Read after them, so that nothing is below zero.
        var all = dimension.TagName is null ? [] : await rollups.DaysAsync(partition, UsageDimension.Quality, from, to, cancel);
        var untagged = all.Select(day => (day.Day, Value: "", Sums: day.Sums.Total - (days.GetValueOrDefault(day.Day)?.Total ?? UsageSums.None)));
        var named = days.SelectMany(day => day.Value.Named.Select(each => (Day: day.Key, Value: each.Key, Sums: each.Value)).Append((Day: day.Key, Value: Others, Sums: day.Value.Others)));
        return untagged.Concat(named).Where(each => each.Sums.Requests > 0).OrderBy(each => each.Day).Select(each => Line(each.Day, each.Value, each.Sums)).ToArray();
    }

    private async Task<Result<UsageLine[]>> LinesByModelAsync(LedgerPartition partition, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        var lines = new List<UsageLine>();
        for (var page = 0; page < PagesMax; page++)
        {
            var rows = await ByModelAsync(partition, from, to, cancel);
            // A page may end in the middle of a day, which is then read again, whole.
            var whole = rows.Count < RowsPerPage ? rows : [.. rows.Where(row => row.Key.Day < rows[^1].Key.Day)];
            lines.AddRange(whole.Where(row => row.Sums.Requests > 0).Select(row => Line(row.Key.Day, row.Key.Model, row.Sums.Usage)));
            if (rows.Count < RowsPerPage) return lines.ToArray();
            from = rows[^1].Key.Day;
        }

        return ApiError.UsageTooLarge($"{RowsPerPage * PagesMax} combinations of day and model");
    }

    private static UsageLine Line(DateOnly day, string value, UsageSums sums) => new(UsageDay.StartOf(day), UsageDay.EndOf(day), [value], sums);

    private async Task<bool> TryAdvanceAsync(LedgerPartition partition, CancellationToken cancel)
    {
        try
        {
            return await rollups.AdvanceAsync(partition, StepsMax, cancel);
        }
        catch (InvalidDataException)
        {
            // An entry is missing, which the books will say. What is added up is still to be seen.
            return false;
        }
    }
}

/// <param name="IsComplete">Whether all that was charged when it was asked for is in the days.</param>
public sealed record DaysState(DaysProgress Progress, bool IsComplete)
{
    /// <summary>Until when the figures go where they are not complete; else null.</summary>
    public DateTimeOffset? AsOf => IsComplete ? null : Progress.At;
}
