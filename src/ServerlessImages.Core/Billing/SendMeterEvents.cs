using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// Tells the collector what trusted accounts owe, hour by hour and each hour once, whatever crashes or gets lost in between. Any number of instances may run it;
/// within an account one report is under way at a time, and what goes wrong with one account keeps no other waiting.
/// </summary>
/// <param name="collector">Null where there is none: what is owed waits.</param>
public sealed class SendMeterEvents(AccountLedger ledger, OpenPartitions open, ITableStore store, TimeProvider clock, IEntropy entropy, IUsageCollector? collector = null)
{
    /// <summary>Below what the collector lets in at once; a slow one takes no more than its place.</summary>
    private const int AccountsAtOnce = 16;

    /// <summary>40 days of one account; the next run goes on.</summary>
    private const int HoursMax = 1_000;

    /// <summary>A process that stood still between writing down an attempt and making it does not make it: by then others may have decided otherwise.</summary>
    private static readonly TimeSpan BeginsWithin = TimeSpan.FromMinutes(1);

    /// <param name="stuck">Told about each hour that waits for a person.</param>
    /// <param name="failed">Told about each partition that could not be worked on; the others are.</param>
    /// <returns>For how long the oldest hour that is not delivered has been waiting.</returns>
    public async Task<TimeSpan> RunAsync(Action<LedgerPartition, MeterEvent> stuck, Action<LedgerPartition, Exception> failed, CancellationToken cancel)
    {
        using var room = new SemaphoreSlim(AccountsAtOnce);
        var accounts = new List<Task<TimeSpan>>();
        await foreach (var row in open.AllAsync(cancel))
        {
            // Play money is invoiced to nobody.
            if (LedgerPartition.Parse(row.Key) is { Livemode: true } partition) accounts.Add(TrySendAsync(partition));
        }

        var oldest = (await Task.WhenAll(accounts)).Append(TimeSpan.Zero).Max();
        Telemetry.MeterEventsWaiting.Record(oldest.TotalSeconds);
        return oldest;

        async Task<TimeSpan> TrySendAsync(LedgerPartition partition)
        {
            await room.WaitAsync(cancel);
            try
            {
                // Apart, so that a collector that fails each time does not look like one that has everything.
                await TryAsync(() => SendAsync(partition, stuck, cancel));
                var waits = TimeSpan.Zero;
                await TryAsync(async () => waits = await OldestAsync(partition, cancel));
                return waits;
            }
            finally
            {
                room.Release();
            }

            async Task TryAsync(Func<Task> work)
            {
                try
                {
                    await work();
                }
#pragma warning disable CA1031 // One bad partition must not keep the others' usage.
                catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    failed(partition, cause);
                }
            }
        }
    }

    /// <summary>The same for one account alone, now: an invoice is about to be made.</summary>
    public Task RunAsync(LedgerPartition partition, CancellationToken cancel) => SendAsync(partition, (_, _) => { }, cancel);

    private async Task SendAsync(LedgerPartition partition, Action<LedgerPartition, MeterEvent> stuck, CancellationToken cancel)
    {
        // The last hour is closed by the next change; where none comes, by this.
        var usage = (await ledger.BalanceAsync(partition, cancel)).Usage;
        if (usage.Postpaid > Money.Zero && usage.Hour < LedgerHour.Of(clock.GetUtcNow())) await ledger.BeginHourAsync(partition);

        foreach (var row in await WaitingAsync(partition, HoursMax, cancel))
        {
            var waiting = MeterEvent.From(row);
            if (waiting.Problem.Length > 0) stuck(partition, waiting);
            if (!await AdvanceAsync(partition, row, waiting, cancel)) return;
        }
    }

    /// <returns>Whether the account's next hour may be looked at now.</returns>
    private async Task<bool> AdvanceAsync(LedgerPartition partition, Row row, MeterEvent waiting, CancellationToken cancel)
    {
        if (collector is null) return false;
        switch (waiting.StepAt(clock.GetUtcNow()))
        {
            case MeterEventStep.Wait:
                return false;
            case MeterEventStep.WaitForTotals:
                return true;
            case MeterEventStep.Ask:
                return await AskAsync(collector, partition, row, waiting, cancel);
            case var step:
                return await DeliverAsync(collector, partition, row, waiting, step, cancel);
        }
    }

    private async Task<bool> DeliverAsync(IUsageCollector to, LedgerPartition partition, Row row, MeterEvent waiting, MeterEventStep step, CancellationToken cancel)
    {
        var startedAt = clock.GetTimestamp();
        var begun = waiting.Begin(step, clock.GetUtcNow());
        var written = await store.CommitAsync(TableNames.Ledger, partition.Key, [RowWrite.Replace(row.Key, begun.ToColumns(), row.ETag)], cancel);
        if (!written.Applied || clock.GetElapsedTime(startedAt) > BeginsWithin) return false;

        var record = begun.ToRecord(partition.Account);
        var answer = step == MeterEventStep.Invoice ? await to.InvoiceAsync(record, cancel) : await to.RecordAsync(record, cancel);
        if (answer.Outcome == CollectorOutcome.Delivered) return await CloseAsync(partition, row.Key, begun, written.ETags[0]);

        await ReplaceAsync(partition, row.Key, begun.Fail(answer, clock.GetUtcNow(), entropy.NextFraction()), written.ETags[0]);
        return false;
    }

    private async Task<bool> AskAsync(IUsageCollector from, LedgerPartition partition, Row row, MeterEvent waiting, CancellationToken cancel)
    {
        var total = await from.FindTotalAsync(partition.Account, waiting.Hour, cancel);
        if (total == waiting.Value) return await CloseAsync(partition, row.Key, waiting, row.ETag);

        var now = clock.GetUtcNow();
        await ReplaceAsync(partition, row.Key, total is { } other ? waiting.Compare(other, now) : waiting.Fail(CollectorAnswer.Unavailable, now, entropy.NextFraction()), row.ETag);
        return total is not null;
    }

    private Task<CommitResult> ReplaceAsync(LedgerPartition partition, string key, MeterEvent changed, string etag) =>
        store.CommitAsync(TableNames.Ledger, partition.Key, [RowWrite.Replace(key, changed.ToColumns(), etag)], CancellationToken.None);

    private async Task<bool> CloseAsync(LedgerPartition partition, string key, MeterEvent delivered, string etag)
    {
        var record = RowWrite.Insert(LedgerRows.Delivered(delivered.Hour), delivered.ToDelivered(partition.Account, clock.GetUtcNow()));
        return (await store.CommitAsync(TableNames.Ledger, partition.Key, [RowWrite.Delete(key, etag), record], CancellationToken.None)).Applied;
    }

    private async Task<TimeSpan> OldestAsync(LedgerPartition partition, CancellationToken cancel) =>
        (await WaitingAsync(partition, 1, cancel)).Select(row => clock.GetUtcNow() - MeterEvent.From(row).WaitsSince).FirstOrDefault();

    private Task<IReadOnlyList<Row>> WaitingAsync(LedgerPartition partition, int limit, CancellationToken cancel) =>
        store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.OutboxStart, LedgerRows.OutboxEnd, limit, cancel);
}
