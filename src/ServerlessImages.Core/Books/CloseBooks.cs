using System.Globalization;
using System.Text.Json;
using ServerlessImages.Billing;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Revenue;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Books;

/// <summary>
/// Closes the days that are over, account by account: recomputes from the entries what every other row says, compares, exports, and writes the result once. The
/// ledger's hour is moved on first, so that nothing can be added to a day that is being closed. Any number of instances may run it.
/// </summary>
/// <param name="compare">Null where there is no collector.</param>
/// <remarks>Table <c>books</c>: PartitionKey is the ledger partition, RowKey <c>C</c> (<see cref="BooksCheckpoint"/>) or the day (<see cref="BooksDay"/>).</remarks>
public sealed class CloseBooks(AccountLedger ledger, OpenPartitions open, ITableStore store, IBlobStore blobs, EntryReader entries, CheckImages images, CheckHolds holds, SumUsage usageTotal, AddUpRevenue revenue, BooksIndex index, TimeProvider clock, CompareEntries? compare = null)
{
    private readonly PendingDeliveries webhooks = new(store);

    /// <summary>A day is closed at 02:00 UTC of the next.</summary>
    public static readonly TimeSpan ClosesAfter = TimeSpan.FromHours(2);

    /// <summary>A collector that does not answer is not asked about every account.</summary>
    private const int OutagesMax = 3;

    /// <summary>The first day that is not to be closed yet.</summary>
    public DateOnly FirstOpenDay => LastClosedDay(clock.GetUtcNow()).AddDays(1);

    /// <summary>The last day that is to be closed.</summary>
    public static DateOnly LastClosedDay(DateTimeOffset now) => DateOnly.FromDateTime((now - ClosesAfter).UtcDateTime).AddDays(-1);

    /// <summary>Closes all that is due.</summary>
    /// <param name="closed">Told about each day as it is closed.</param>
    /// <param name="named">Told about each difference with the collector, once.</param>
    /// <param name="failed">Told about each partition that could not be closed, or not compared with the collector; the next run goes on with it.</param>
    public async Task RunAsync(Action<LedgerPartition, BooksDay> closed, Action<CollectorDifference> named, Action<LedgerPartition, Exception> failed, CancellationToken cancel)
    {
        var outages = 0;
        await foreach (var row in open.AllAsync(cancel))
        {
            if (!await TryAsync(row, () => CloseAllAsync(row, closed, cancel))) continue;

            // The books are closed whatever the collector does; only what it has confirmed is forgotten.
            if (outages < OutagesMax && await TryAsync(row, () => CompareAsync(row, named, cancel))) await TryAsync(row, () => ForgetAsync(row, cancel));
        }

        async Task<bool> TryAsync(Row row, Func<Task> work)
        {
            try
            {
                await work();
                return true;
            }
#pragma warning disable CA1031 // One bad partition must not keep the others' books open.
            catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (cause is CollectorUnavailableException) outages++;
                failed(LedgerPartition.Parse(row.Key), cause);
                return false;
            }
        }
    }

    /// <returns>The days that were closed by this call.</returns>
    public async Task<IReadOnlyList<BooksDay>> CloseAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var days = new List<BooksDay>();

        // Play money has no books.
        if (!partition.Livemode) return days;
        var balance = await ledger.BalanceAsync(partition, cancel);
        if (DayOf(balance.Usage.Hour) < FirstOpenDay) await ledger.BeginHourAsync(partition);
        if (balance.Wants(EventTypes.BooksClosed)) await TellLastAsync(partition, cancel);
        while (await CloseNextAsync(partition, cancel) is { } day)
        {
            days.Add(day);
            if (balance.Wants(EventTypes.BooksClosed)) await TellAsync(partition, day.Day);
        }

        return days;
    }

    /// <summary>Whoever closed it may not have lived to tell.</summary>
    private async Task TellLastAsync(LedgerPartition partition, CancellationToken cancel)
    {
        if (await CheckpointAsync(partition, cancel) is { ETag.Length: > 0 } checkpoint) await TellAsync(partition, checkpoint.Day);
    }

    /// <summary>Told again it is the same event.</summary>
    private Task<long> TellAsync(LedgerPartition partition, DateOnly day)
    {
        var name = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var data = JsonSerializer.SerializeToElement(new { day = name, books_path = "/v1/books/" + name });
        return ledger.AnnounceAsync(partition, new EventFact(EventTypes.BooksClosed, data), $"{EventTypes.BooksClosed}:{name}");
    }

    private async Task CloseAllAsync(Row row, Action<LedgerPartition, BooksDay> closed, CancellationToken cancel)
    {
        var partition = LedgerPartition.Parse(row.Key);
        foreach (var day in await CloseAsync(partition, cancel)) closed(partition, day);
    }

    private async Task CompareAsync(Row row, Action<CollectorDifference> named, CancellationToken cancel)
    {
        if (compare is null || LedgerPartition.Parse(row.Key) is not { Livemode: true } partition) return;
        foreach (var difference in await compare.RunAsync(partition, (await CheckpointAsync(partition, cancel)).Through.Sequence, FirstOpenDay.AddDays(-1), cancel)) named(difference);
    }

    private async Task ForgetAsync(Row row, CancellationToken cancel)
    {
        var partition = LedgerPartition.Parse(row.Key);

        // Nobody finds the account's revenue any more once it is not listed.
        if (await IsCaughtUpAsync(partition, cancel) && !await IsOwedAsync(partition, cancel) && !await webhooks.IsOwedAsync(partition, cancel) && await revenue.TryRunAsync(partition, cancel)) await open.RemoveSweptAsync(row, cancel);
    }

    /// <summary>Whether no entry waits for its day to be closed.</summary>
    private async Task<bool> IsCaughtUpAsync(LedgerPartition partition, CancellationToken cancel)
    {
        if (!partition.Livemode) return true;
        return (await CheckpointAsync(partition, cancel)).Through.Sequence == (await ledger.BalanceAsync(partition, cancel)).Sequence;
    }

    /// <summary>Whether something waits for the collector. Asked after the books are closed: by then every hour with charges is closed too.</summary>
    private async Task<bool> IsOwedAsync(LedgerPartition partition, CancellationToken cancel) =>
        (await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.OutboxStart, LedgerRows.OutboxEnd, limit: 1, cancel)).Count > 0;

    private async Task<BooksCheckpoint> CheckpointAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Books, partition.Key, BooksCheckpoint.RowKey, cancel);
        return row is null ? BooksCheckpoint.Start : BooksCheckpoint.From(row);
    }

    /// <returns>The next day that has entries and is due, closed; or null if there is none, or another instance closed it.</returns>
    private async Task<BooksDay?> CloseNextAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var checkpoint = await CheckpointAsync(partition, cancel);
        DayAudit? audit = null;
        var isLast = true;
        await foreach (var placed in entries.ReadAsync(partition, checkpoint.Through.Sequence, cancel))
        {
            var day = placed.Row is null ? audit?.Day ?? FirstOpenDay.AddDays(-1) : DayOf(LedgerEntry.From(placed.Row).Hour);
            if (audit is null && (day >= FirstOpenDay || day <= checkpoint.Day)) return null;
            if (audit is not null && day > audit.Day)
            {
                isLast = day >= FirstOpenDay;
                break;
            }

            audit ??= new DayAudit(partition, day, checkpoint, blobs, images);
            await audit.AddAsync(placed, cancel);
        }

        return audit is null ? null : await FinishAsync(partition, checkpoint, audit, isLast, cancel);
    }

    private async Task<BooksDay?> FinishAsync(LedgerPartition partition, BooksCheckpoint checkpoint, DayAudit audit, bool isLast, CancellationToken cancel)
    {
        await CheckUsageAsync(partition, audit, cancel);
        if (isLast) audit.Differences.AddRange([.. await CheckPresentAsync(partition, audit.Through, cancel), .. await holds.RunAsync(partition, cancel)]);

        // Before anything else can fail: what was found must not be lost from sight.
        foreach (var group in audit.Differences.CountBy(difference => difference.Code)) Telemetry.BooksDifferences.Add(group.Value, KeyValuePair.Create<string, object?>("code", group.Key));

        var day = await audit.CloseAsync(clock.GetUtcNow(), cancel);
        await index.AddAsync(partition, day, cancel);
        var next = new BooksCheckpoint(day.Day, day.Through, day.ExportSha256, checkpoint.ETag);
        var write = checkpoint.ETag.Length == 0 ? RowWrite.Insert(BooksCheckpoint.RowKey, next.ToColumns()) : RowWrite.Replace(BooksCheckpoint.RowKey, next.ToColumns(), checkpoint.ETag);
        var result = await store.CommitAsync(TableNames.Books, partition.Key, [write, RowWrite.Insert(BooksDay.Key(day.Day), day.ToColumns())], cancel);
        if (!result.Applied) return null;

        Telemetry.BooksClosed.Add(1);
        return day;
    }

    /// <summary>The rows of the day's hours say what its entries do, and no hour has a row without entries.</summary>
    private async Task CheckUsageAsync(LedgerPartition partition, DayAudit audit, CancellationToken cancel)
    {
        var first = LedgerHour.Of(new DateTimeOffset(audit.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
        var rows = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Usage(first), LedgerRows.Usage(new(first.Number + 24)), limit: 24, cancel);
        audit.CheckUsage([.. rows.Select(UsageHour.From)]);
    }

    /// <summary>Goes on to the present, where the balance row stands.</summary>
    private async Task<IEnumerable<Difference>> CheckPresentAsync(LedgerPartition partition, LedgerFold through, CancellationToken cancel)
    {
        var usage = await usageTotal.RunAsync(partition, cancel);
        var balance = await ledger.BalanceAsync(partition, cancel);
        var differences = usage.Against(through).ToList();
        await foreach (var placed in entries.ReadAsync(partition, through.Sequence, cancel))
        {
            if (through.Sequence >= balance.Sequence) break;
            if (placed.Row is null || placed.Sequence != through.Sequence + 1) break;
            through = through.Add(placed.Key, placed.Row.Columns);
            differences.AddRange(usage.Against(through));
        }

        return differences.Concat(through.Against(balance));
    }

    private static DateOnly DayOf(LedgerHour hour) => DateOnly.FromDateTime(hour.Start.UtcDateTime);
}
