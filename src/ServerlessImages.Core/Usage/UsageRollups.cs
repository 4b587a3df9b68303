using System.Runtime.CompilerServices;
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
/// <item><c>O|{day}|{model}</c>: what all requests of a day brought and cost, also those that were not charged (<see cref="RevenueSums"/>). For the operator.</item>
/// </list>
/// </summary>
/// <remarks>
/// Entries are added and the cursor is moved past them in one transaction, so an entry counts once: after a crash, a lost answer, or with any number of
/// instances at it, whoever comes second finds the cursor changed and starts over from where it is.
/// </remarks>
public sealed class UsageRollups(ITableStore store, AccountLedger ledger)
{
    /// <summary>Each entry touches at most two rows, and the cursor is one more.</summary>
    private const int EntriesPerStep = (StoreLimits.WritesMax - 1) / 2;

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

    private const string SequenceColumn = "Sequence";

    /// <summary>Adds up what the ledger has got since the last time. Calling again, at once or after a failure, changes nothing that is added up already.</summary>
    /// <returns>Whether the end of the ledger, as it was when this began, is reached; if not, call again: it goes on from there.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked, or not be written to.</exception>
    /// <exception cref="InvalidDataException">The ledger lacks an entry.</exception>
    public async Task<bool> AdvanceAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var goal = (await ledger.BalanceAsync(partition, cancel)).Sequence;
        var cursor = await FindCursorAsync(partition, cancel);
        var fruitless = 0;
        for (var step = 0; step < StepsMax && cursor.Sequence < goal; step++)
        {
            var before = cursor;
            await StepAsync(partition, before, goal, cancel);
            // Read back, not trusted: this is also how the fate of a lost answer is learned, and what others did.
            cursor = await FindCursorAsync(partition, cancel);
            fruitless = cursor.Sequence > before.Sequence ? 0 : fruitless + 1;
            if (fruitless == FruitlessTriesMax) throw new StoreUnavailableException($"The usage of {partition} could not be written.");
        }

        return cursor.Sequence >= goal;
    }

    /// <summary>The sequence of the last entry that is in the sums; 0 for none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<long> CursorAsync(LedgerPartition partition, CancellationToken cancel) => (await FindCursorAsync(partition, cancel)).Sequence;

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
    private async Task StepAsync(LedgerPartition partition, Cursor cursor, long goal, CancellationToken cancel)
    {
        var entries = await EntriesAsync(partition, cursor.Sequence, goal, cancel);
        var groups = entries.Where(entry => entry.IsCharge).GroupBy(UsageCombination.Of).ToArray();
        var rows = await Task.WhenAll(groups.Select(group => AddedAsync(partition, group.Key, group, cancel)));
        var days = await Task.WhenAll(entries.Where(entry => entry.Request is not null).GroupBy(RevenueKey.Of).Select(group => AddedAsync(partition, group.Key, group, cancel)));
        try
        {
            await store.CommitAsync(TableNames.Usage, partition.Key, [cursor.MoveTo(entries[^1].Sequence), .. rows, .. days], cancel);
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

    private async Task<RowWrite> AddedAsync(LedgerPartition partition, UsageCombination combination, IEnumerable<LedgerEntry> entries, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Usage, partition.Key, combination.RowKey, cancel);
        var sums = entries.Select(UsageSums.Of).Aggregate(row is null ? UsageSums.None : UsageSums.From(row.Columns), (sum, next) => sum + next);
        // Whatever is there: nobody writes a rollup row without moving the cursor, and that is what is held to its version.
        return RowWrite.Upsert(combination.RowKey, combination.ToColumns(sums));
    }

    private async Task<RowWrite> AddedAsync(LedgerPartition partition, RevenueKey key, IEnumerable<LedgerEntry> entries, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Usage, partition.Key, RevenueStart + key, cancel);
        var sums = entries.Select(RevenueSums.Of).Aggregate(row is null ? RevenueSums.None : RevenueSums.From(row.Columns), (sum, next) => sum + next);
        return RowWrite.Upsert(RevenueStart + key, sums.ToColumns());
    }

    private async Task<Cursor> FindCursorAsync(LedgerPartition partition, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Usage, partition.Key, CursorKey, cancel) is { } row ? new(row.Columns.Integer(SequenceColumn), row.ETag) : new(0, null);

    /// <param name="ETag">Null while there is none.</param>
    private sealed record Cursor(long Sequence, string? ETag)
    {
        public RowWrite MoveTo(long sequence)
        {
            var columns = new Columns { { SequenceColumn, sequence } };
            return ETag is null ? RowWrite.Insert(CursorKey, columns) : RowWrite.Replace(CursorKey, columns, ETag);
        }
    }
}
