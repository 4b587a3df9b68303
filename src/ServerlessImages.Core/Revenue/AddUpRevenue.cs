using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Usage;

namespace ServerlessImages.Revenue;

/// <summary>
/// The revenue of all accounts in one place, so that nobody has to read each account: the partition <c>revenue</c> of the table <c>usage</c>. RowKey is one of
/// <list type="bullet">
/// <item><c>C</c>: counts the transactions. Each replaces it under its ETag, as its first operation.</item>
/// <item><c>P|{account}</c>: how far an account is added up: the sequence of its ledger, and the day from which on its rows may still change.</item>
/// <item><c>A|{day}|{account}|{model}</c>: an account's row <c>O|{day}|{model}</c>, copied (<see cref="UsageRollups"/>).</item>
/// <item><c>D|{day}|{model}</c>: the sums of those copies.</item>
/// </list>
/// </summary>
/// <remarks>
/// A copy is overwritten by what it is a copy of, and the sum changes by the difference, in one transaction: whatever was lost or is done again by whomever, an
/// entry counts once.
/// </remarks>
public sealed class AddUpRevenue(ITableStore store, AccountLedger ledger, OpenPartitions open, UsageRollups rollups, TimeProvider clock)
{
    internal const string Partition = "revenue";

    /// <summary>Each row of an account touches its copy and a sum; two more are the count and how far it is. A catalog has a dozen models.</summary>
    private const int RowsPerStep = (StoreLimits.WritesMax - 2) / 2;

    /// <summary>Tries in a row of which none went further, whoever made them.</summary>
    private const int FruitlessTriesMax = 10;

    private const string CountKey = "C";

    internal static string SumsOf(DateOnly day) => "D|" + RevenueKey.Text(day);

    internal static string CopiesOf(DateOnly day) => "A|" + RevenueKey.Text(day);

    /// <summary>Adds up what every account that is listed as open has got since the last time, for as long as <paramref name="until"/>.</summary>
    /// <returns>Whether that was all; if not, call again: it goes on from there.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked, or not be written to.</exception>
    public async Task<bool> RunAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var isWhole = true;
        await foreach (var row in open.AllAsync(cancel))
        {
            if (clock.GetUtcNow() >= until) return false;
            isWhole &= await TryRunAsync(LedgerPartition.Parse(row.Key), cancel);
        }

        return isWhole;
    }

    /// <summary>The same, where one account whose ledger is broken must not keep the others waiting; its books say what is wrong with it.</summary>
    /// <returns>Whether all of it is added up.</returns>
    public async Task<bool> TryRunAsync(LedgerPartition partition, CancellationToken cancel)
    {
        try
        {
            return await RunAsync(partition, cancel);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The same for one account. Play money is no revenue.</summary>
    public async Task<bool> RunAsync(LedgerPartition partition, CancellationToken cancel)
    {
        if (!partition.Livemode) return true;

        var goal = (await ledger.BalanceAsync(partition, cancel)).Sequence;
        var (progress, fruitless) = (await ProgressAsync(partition, cancel), 0);
        if (progress.Sequence < goal && !await rollups.AdvanceAsync(partition, cancel)) return false;
        while (progress.Sequence < goal)
        {
            var before = progress;
            await StepAsync(partition, cancel);
            progress = await ProgressAsync(partition, cancel);
            fruitless = progress == before ? fruitless + 1 : 0;
            if (fruitless == FruitlessTriesMax) throw new StoreUnavailableException($"The revenue of {partition} could not be added up.");
        }

        return true;
    }

    private async Task StepAsync(LedgerPartition partition, CancellationToken cancel)
    {
        // The count first: what is read after it and written under it was changed by nobody else. The cursor before the rows, which are then at least as new.
        var count = await store.FindAsync(TableNames.Usage, Partition, CountKey, cancel);
        var progress = await ProgressAsync(partition, cancel);
        var through = await rollups.CursorAsync(partition, cancel);
        var rows = await rollups.RevenueAsync(partition, progress.Day, DateOnly.MaxValue, RowsPerStep, cancel);
        var isLast = rows.Count < RowsPerStep;
        if (!isLast && rows[^1].Key.Day == progress.Day) throw new InvalidDataException($"{partition} used {RowsPerStep} models on one day.");

        var changes = (await Task.WhenAll(rows.Select(row => ChangeAsync(partition, row.Key, row.Sums, cancel)))).SelectMany(writes => writes);
        var next = new Progress(isLast ? through : progress.Sequence, rows.Count == 0 ? progress.Day : rows[^1].Key.Day);
        try
        {
            await store.CommitAsync(TableNames.Usage, Partition, [Counted(count), RowWrite.Upsert(ProgressKey(partition), next.ToColumns()), .. changes], cancel);
        }
        catch (WriteFateUnknownException)
        {
            // If it is applied later, then only while the count is still the one that was read.
        }
    }

    /// <returns>The new copy and the new sum, or nothing where the copy is good.</returns>
    private async Task<RowWrite[]> ChangeAsync(LedgerPartition partition, RevenueKey key, RevenueSums sums, CancellationToken cancel)
    {
        var copyKey = $"{CopiesOf(key.Day)}|{partition.Account}|{key.Model}";
        var copied = await SumsAsync(copyKey, cancel);
        if (copied == sums) return [];

        var sumKey = $"{SumsOf(key.Day)}|{key.Model}";
        var all = await SumsAsync(sumKey, cancel) + (sums - copied);
        return [RowWrite.Upsert(copyKey, sums.ToColumns()), RowWrite.Upsert(sumKey, all.ToColumns())];
    }

    private async Task<RevenueSums> SumsAsync(string key, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Usage, Partition, key, cancel) is { } row ? RevenueSums.From(row.Columns) : RevenueSums.None;

    private async Task<Progress> ProgressAsync(LedgerPartition partition, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Usage, Partition, ProgressKey(partition), cancel) is { } row
            ? new(row.Columns.Integer(nameof(Progress.Sequence)), DateOnly.FromDayNumber((int)row.Columns.Integer(nameof(Progress.Day))))
            : new(0, DateOnly.MinValue);

    private static string ProgressKey(LedgerPartition partition) => "P|" + partition.Account;

    private static RowWrite Counted(Row? count)
    {
        var columns = new Columns { { "Transactions", (count?.Columns.Integer("Transactions") ?? 0) + 1 } };
        return count is null ? RowWrite.Insert(CountKey, columns) : RowWrite.Replace(CountKey, columns, count.ETag);
    }

    private sealed record Progress(long Sequence, DateOnly Day)
    {
        public Columns ToColumns() => new() { { nameof(Sequence), Sequence }, { nameof(Day), Day.DayNumber } };
    }
}
