using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// Concludes periods whose invoices are final: the collector counts nothing any more that is reported for them. What the ledger charged is held against what the
/// invoices say, and the difference is one item of the next invoice. Each conclusion is the row <c>{account}|{its last hour}</c> of the partition <c>closes</c> of the table
/// <c>billing</c>, written before the collector is asked for the item.
/// </summary>
public sealed class ClosePeriods(AccountLedger ledger, PostpaidAccounts accounts, ITableStore store, TimeProvider clock, IUsageCollector collector)
{
    private const string Partition = "closes";
    private const int PageSize = 500;

    /// <summary>Concludes one window. After a crash anywhere in it, calling again goes on, and comes to the same sums.</summary>
    /// <exception cref="CollectorUnavailableException">The difference is not with the collector yet, or not known to be.</exception>
    public async Task RunAsync(string accountId, PeriodClose close, CancellationToken cancel)
    {
        var partition = new LedgerPartition(accountId, Livemode: true);

        // From here on nothing is added to these hours, and none of them is reported any more: what is added up below stays as it is.
        await ledger.BeginHourAsync(partition, close.Until);
        await ConcludeHoursAsync(partition, close, cancel);
        var (written, etag) = await WriteAsync(accountId, await AddUpAsync(partition, close, cancel), cancel);

        if (!written.IsDone && written.Difference != Money.Zero) await InvoiceAsync(accountId, written, cancel);
        if (!written.IsDone) await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Replace(KeyOf(accountId, close), (written with { IsDone = true }).ToColumns(), etag)], cancel);
        await accounts.ChangeAsync(accountId, account => account.OpenFrom < close.Until ? account with { OpenFrom = close.Until } : account, cancel);
    }

    /// <summary>An account's conclusions of the periods that end after an hour, oldest first.</summary>
    public async Task<IReadOnlyList<PeriodClose>> ClosedAfterAsync(string accountId, LedgerHour hour, CancellationToken cancel) =>
        [.. (await store.RangeAsync(TableNames.Billing, Partition, $"{accountId}|{hour}!", $"{accountId}}}", PageSize, cancel)).Select(PeriodClose.FromRow)];

    /// <returns>Whether anything that was charged within these hours waits to be reported.</returns>
    public async Task<bool> HasWaitingAsync(string accountId, LedgerHour from, LedgerHour until, CancellationToken cancel) =>
        (await WaitingAsync(new LedgerPartition(accountId, Livemode: true), from, until, 1, cancel)).Count > 0;

    /// <summary>Hours that are not reported yet are in the difference: reporting them would count nothing, and would look as if it did.</summary>
    private async Task ConcludeHoursAsync(LedgerPartition partition, PeriodClose close, CancellationToken cancel)
    {
        for (var from = close.From; ;)
        {
            var page = await WaitingAsync(partition, from, close.Until, PageSize, cancel);
            foreach (var row in page) await ConcludeAsync(partition, row, close, cancel);
            if (page.Count < PageSize) return;
            from = new(LedgerRows.HourOf(page[^1].Key).Number + 1);
        }
    }

    private async Task ConcludeAsync(LedgerPartition partition, Row row, PeriodClose close, CancellationToken cancel)
    {
        // The sender may be at it: whoever writes the row first decides, and one that goes on an invoice by itself goes on doing so.
        for (Row? waiting = row; waiting is not null && !MeterEvent.From(waiting).IsInvoiceItem; waiting = await store.FindAsync(TableNames.Ledger, partition.Key, row.Key, cancel))
        {
            var hour = LedgerRows.HourOf(waiting.Key);
            var concluded = new Columns { { nameof(MeterEvent.Value), MeterEvent.From(waiting).Value.Micros }, { nameof(UsageRecord.Identifier), close.IdentifierOf(partition.Account) }, { "DeliveredAt", clock.GetUtcNow().ToUnixTimeMilliseconds() } };
            await store.CommitAsync(TableNames.Ledger, partition.Key, [RowWrite.Delete(waiting.Key, waiting.ETag), RowWrite.Insert(LedgerRows.Delivered(hour), concluded)], cancel);
        }
    }

    private async Task<PeriodClose> AddUpAsync(LedgerPartition partition, PeriodClose close, CancellationToken cancel)
    {
        var charged = await SumAsync(LedgerRows.Usage, row => UsageHour.From(row).Postpaid);
        var items = await SumAsync(LedgerRows.Delivered, row => DeliveredHour.From(row) is { IsItem: true } item ? item.Value : Money.Zero);
        var waiting = await SumAsync(LedgerRows.Outbox, row => MeterEvent.From(row).Value);
        return close with { Charged = charged, Items = items + waiting };

        async Task<Money> SumAsync(Func<LedgerHour, string> key, Func<Row, Money> amount)
        {
            var sum = Money.Zero;
            for (var from = key(close.From); ;)
            {
                var page = await store.RangeAsync(TableNames.Ledger, partition.Key, from, key(close.Until), PageSize, cancel);
                sum = page.Aggregate(sum, (total, row) => total + amount(row));
                if (page.Count < PageSize) return sum;
                from = page[^1].Key + "!";
            }
        }
    }

    /// <returns>What stands there: what another wrote, if that was first.</returns>
    private async Task<(PeriodClose Close, string ETag)> WriteAsync(string accountId, PeriodClose close, CancellationToken cancel)
    {
        var key = KeyOf(accountId, close);
        var written = await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Insert(key, close.ToColumns())], cancel);
        if (written.Applied) return (close, written.ETags[0]);
        var row = await store.FindAsync(TableNames.Billing, Partition, key, cancel) ?? throw new StoreUnavailableException($"The close {key} was written and cannot be read.");
        return (PeriodClose.FromRow(row), row.ETag);
    }

    private async Task InvoiceAsync(string accountId, PeriodClose close, CancellationToken cancel)
    {
        var answer = await collector.InvoiceAsync(close.ToRecord(accountId), cancel);
        if (answer.Outcome != CollectorOutcome.Delivered) throw new CollectorUnavailableException($"The difference of {accountId} until {close.Until}, ${close.Difference}, is not invoiced yet. {answer.Reason}");
    }

    private Task<IReadOnlyList<Row>> WaitingAsync(LedgerPartition partition, LedgerHour from, LedgerHour until, int limit, CancellationToken cancel) =>
        store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Outbox(from), LedgerRows.Outbox(until), limit, cancel);

    private static string KeyOf(string accountId, PeriodClose close) => $"{accountId}|{close.Until}";
}
