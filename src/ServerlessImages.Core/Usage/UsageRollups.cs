using System.Runtime.CompilerServices;
using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Revenue;
using ServerlessImages.Storage;

namespace ServerlessImages.Usage;

/// <summary>
/// The charges of a ledger partition, added up by hour and combination: a projection of its entries that can be made anew from them at any time. Table
/// <c>usage</c>, PartitionKey is the <see cref="LedgerPartition"/>; RowKey is one of
/// <list type="bullet">
/// <item><c>C</c>: the cursor. <c>Sequence</c> is the last entry that is in the sums. Every transaction replaces it under its ETag, as its first operation.</item>
/// <item><c>R|{hour}|{first 32 hex digits of SHA-256 of the combination}</c>: a <see cref="UsageCombination"/> and its <see cref="UsageSums"/>.</item>
/// <item><c>O|{day}|{model}</c>: what all requests of a day brought and cost, also those that were not charged (<see cref="RevenueSums"/>). What they cost is the operator's matter.</item>
/// <item><c>D|key|{day}</c>, <c>D|quality|{day}</c>, <c>D|tag:{first 32 hex digits of SHA-256 of its name}|{day}</c>: the charges of a day by key, by quality, by a tag (<see cref="DaySums"/>). For charts.</item>
/// <item><c>N</c>: how far those are. <c>Sequence</c> is the last entry that is in them, <c>At</c> its time, <c>Tags</c> the names by which there are some. Written with <c>C</c>, from which it differs only where rollups are older than days.</item>
/// </list>
/// </summary>
/// <remarks>
/// Entries are added and the cursor is moved past them in one transaction, so an entry counts once: after a crash, a lost answer, or with any number of
/// instances at it, whoever comes second finds the cursor changed and starts over from where it is.
/// </remarks>
public sealed class UsageRollups(ITableStore store, AccountLedger ledger)
{
    /// <summary>Half of a transaction: in most accounts each entry has a row of its own, and some rows are for all of them.</summary>
    private const int EntriesPerStep = StoreLimits.WritesMax / 2;

    /// <summary>About 20,000 entries, some seconds of work: a caller who waits is told to come again, and finds it further on.</summary>
    private const int StepsMax = 400;

    /// <summary>Tries in a row of which none moved the cursor, whoever made them.</summary>
    private const int FruitlessTriesMax = 5;

    private const int RowsPerPage = 1_000;
    private const string CursorKey = "C";
    private const string RowsStart = "R|";

    /// <summary>The first key after every rollup row.</summary>
    private const string RowsEnd = "R}";

    private const string RevenueStart = "O|";

    private const string DaysKey = "N";

    /// <summary>Adds up what the ledger has got since the last time. Calling again, at once or after a failure, changes nothing that is added up already.</summary>
    /// <returns>Whether the end of the ledger, as it was when this began, is reached; if not, call again: it goes on from there.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked, or not be written to.</exception>
    /// <exception cref="InvalidDataException">The ledger lacks an entry.</exception>
    public Task<bool> AdvanceAsync(LedgerPartition partition, CancellationToken cancel) => AdvanceAsync(partition, StepsMax, cancel);

    /// <summary>The same, for somebody who cannot wait.</summary>
    /// <param name="stepsMax">Each reads one page of the ledger, at most 50 entries.</param>
    /// <inheritdoc cref="AdvanceAsync(LedgerPartition, CancellationToken)"/>
    public async Task<bool> AdvanceAsync(LedgerPartition partition, int stepsMax, CancellationToken cancel)
    {
        var goal = (await ledger.BalanceAsync(partition, cancel)).Sequence;
        var progress = await ProgressAsync(partition, cancel);
        var fruitless = 0;
        for (var step = 0; step < stepsMax && progress.Days.Sequence < goal; step++)
        {
            var before = progress;
            await StepAsync(partition, before, goal, cancel);
            // Read back, not trusted: this is also how the fate of a lost answer is learned, and what others did.
            progress = await ProgressAsync(partition, cancel);
            fruitless = progress.Days.Sequence > before.Days.Sequence ? 0 : fruitless + 1;
            if (fruitless == FruitlessTriesMax) throw new StoreUnavailableException($"The usage of {partition} could not be written.");
        }

        return progress.Days.Sequence >= goal;
    }

    /// <summary>The sequence of the last entry that is in the sums; 0 for none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<long> CursorAsync(LedgerPartition partition, CancellationToken cancel) => (await FindCursorAsync(partition, cancel)).Sequence;

    /// <summary>How far the days are, and by which tags there are some.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<DaysProgress> DaysProgressAsync(LedgerPartition partition, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Usage, partition.Key, DaysKey, cancel) is { } row ? DaysProgress.From(row.Columns) : DaysProgress.None;

    /// <summary>The charges of some days by key, by quality or by a tag: a row for each day that has any.</summary>
    /// <param name="to">The first day that is not wanted.</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<(DateOnly Day, DaySums Sums)>> DaysAsync(LedgerPartition partition, UsageDimension dimension, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Usage, partition.Key, UsageDay.Key(dimension, from), UsageDay.Key(dimension, to), Math.Max(1, to.DayNumber - from.DayNumber), cancel);
        return [.. rows.Select(row => (UsageDay.DayOf(row.Key), DaySums.From(row.Columns)))];
    }

    /// <summary>All that was ever charged, by the rollups. Good for <see cref="CursorAsync"/>, if that is the same before and after.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Money> TotalAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var total = Money.Zero;
        await foreach (var (_, sums) in ReadAsync(partition, RowsStart, RowsEnd, cancel)) total += sums.Amount;
        return total;
    }

    /// <summary>The rollups of some hours, in no order that matters.</summary>
    /// <param name="to">The first hour that is not among them.</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public IAsyncEnumerable<(UsageCombination Combination, UsageSums Sums)> ReadAsync(LedgerPartition partition, LedgerHour from, LedgerHour to, CancellationToken cancel) =>
        ReadAsync(partition, RowsStart + from, RowsStart + to, cancel);

    /// <summary>What days brought and cost, by day and model. A day that is before one that was read does not change any more.</summary>
    /// <param name="to">The first day that is not wanted.</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<(RevenueKey Key, RevenueSums Sums)>> RevenueAsync(LedgerPartition partition, DateOnly from, DateOnly to, int limit, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Usage, partition.Key, RevenueStart + RevenueKey.Text(from), RevenueStart + RevenueKey.Text(to), limit, cancel);
        return [.. rows.Select(row => (RevenueKey.Parse(row.Key[RevenueStart.Length..]), RevenueSums.From(row.Columns)))];
    }

    private async IAsyncEnumerable<(UsageCombination Combination, UsageSums Sums)> ReadAsync(LedgerPartition partition, string from, string to, [EnumeratorCancellation] CancellationToken cancel)
    {
        IReadOnlyList<Row> page;
        do
        {
            page = await store.RangeAsync(TableNames.Usage, partition.Key, from, to, RowsPerPage, cancel);
            foreach (var row in page) yield return (UsageCombination.From(row.Columns), UsageSums.From(row.Columns));
            if (page.Count > 0) from = page[^1].Key + "!";
        }
        while (page.Count == RowsPerPage);
    }

    /// <summary>Reads before it writes, and writes only if nobody has moved the cursor meanwhile. What came of it is read from the cursor.</summary>
    private async Task StepAsync(LedgerPartition partition, Progress progress, long goal, CancellationToken cancel)
    {
        var entries = await EntriesAsync(partition, progress.Days.Sequence, goal, cancel);
        var step = UsageStep.Of(entries, progress.Cursor.Sequence, progress.Days.Tags);
        var hours = await Task.WhenAll(step.Hours.Select(each => AddedAsync(partition, each.Key, each.Value, cancel)));
        var revenue = await Task.WhenAll(step.Revenue.Select(each => AddedAsync(partition, each.Key, each.Value, cancel)));
        var days = await Task.WhenAll(step.Days.Select(each => AddedAsync(partition, each.Key, each.Value, cancel)));
        var through = new DaysProgress(step.Last.Sequence, step.Last.At, step.Tags);
        try
        {
            await store.CommitAsync(TableNames.Usage, partition.Key, [progress.Cursor.MoveTo(Math.Max(progress.Cursor.Sequence, through.Sequence)), RowWrite.Upsert(DaysKey, through.ToColumns()), .. hours, .. revenue, .. days], cancel);
        }
        catch (WriteFateUnknownException)
        {
            // If it is applied later, then only while the cursor is still the one that was read: once.
        }
    }

    /// <summary>An entry that is there by its number but cannot be read would be left out for ever, so it stops the cursor.</summary>
    private async Task<LedgerEntry[]> EntriesAsync(LedgerPartition partition, long after, long goal, CancellationToken cancel)
    {
        var count = (int)Math.Min(EntriesPerStep, goal - after);
        var entries = (await ledger.EntriesAfterAsync(partition, after, count, cancel)).Select(each => each.Entry).ToArray();
        var areWhole = entries.Select(entry => entry.Sequence).SequenceEqual(Enumerable.Range(1, count).Select(number => after + number));
        return areWhole ? entries : throw new InvalidDataException($"The ledger {partition} lacks one of the {count} entries after number {after}.");
    }

    private async Task<RowWrite> AddedAsync(LedgerPartition partition, UsageCombination combination, UsageSums sums, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Usage, partition.Key, combination.RowKey, cancel);
        // Whatever is there: nobody writes a rollup row without moving the cursor, and that is what is held to its version.
        return RowWrite.Upsert(combination.RowKey, combination.ToColumns(row is null ? sums : UsageSums.From(row.Columns) + sums));
    }

    private async Task<RowWrite> AddedAsync(LedgerPartition partition, RevenueKey key, RevenueSums sums, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Usage, partition.Key, RevenueStart + key, cancel);
        return RowWrite.Upsert(RevenueStart + key, (row is null ? sums : RevenueSums.From(row.Columns) + sums).ToColumns());
    }

    private async Task<RowWrite> AddedAsync(LedgerPartition partition, UsageDay day, Dictionary<string, UsageSums> values, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Usage, partition.Key, day.RowKey, cancel);
        var all = row is null ? new DaySums() : DaySums.From(row.Columns);
        foreach (var (value, sums) in values) all.Add(value, sums);
        return RowWrite.Upsert(day.RowKey, all.ToColumns());
    }

    /// <summary>The cursor first: it is what a transaction is held to, and what is read after it is at least as new.</summary>
    private async Task<Progress> ProgressAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var cursor = await FindCursorAsync(partition, cancel);
        return new(cursor, await DaysProgressAsync(partition, cancel));
    }

    private async Task<Cursor> FindCursorAsync(LedgerPartition partition, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Usage, partition.Key, CursorKey, cancel) is { } row ? new(row.Columns.Integer(nameof(Cursor.Sequence)), row.ETag) : new(0, null);

    /// <param name="Days">Behind the cursor where rollups are older than days, or where an instance of an older version moved it on.</param>
    private sealed record Progress(Cursor Cursor, DaysProgress Days);

    /// <param name="ETag">Null while there is none.</param>
    private sealed record Cursor(long Sequence, string? ETag)
    {
        public RowWrite MoveTo(long sequence)
        {
            var columns = new Columns { { nameof(Sequence), sequence } };
            return ETag is null ? RowWrite.Insert(CursorKey, columns) : RowWrite.Replace(CursorKey, columns, ETag);
        }
    }
}

/// <summary>How far the days of an account are added up.</summary>
/// <param name="Sequence">The last entry that is in them; 0 for none.</param>
/// <param name="At">The time of that entry.</param>
/// <param name="Tags">The names of the tags by which there are days: the first fifty that were used.</param>
public sealed record DaysProgress(long Sequence, DateTimeOffset At, IReadOnlyList<string> Tags)
{
    public static DaysProgress None { get; } = new(0, DateTimeOffset.UnixEpoch, []);

    public Columns ToColumns() => new() { { nameof(Sequence), Sequence }, { nameof(At), At.ToUnixTimeMilliseconds() }, { nameof(Tags), JsonSerializer.Serialize(Tags) } };

    public static DaysProgress From(Columns columns) => new(
        columns.Integer(nameof(Sequence)),
        DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(At))),
        JsonSerializer.Deserialize<string[]>(columns.Text(nameof(Tags)))!);
}
