using ServerlessImages.Billing;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Operators;

/// <summary>Looks at what is going on in all accounts that are listed as open, with a bounded number of reads: everything is counted from rows, whatever the queues say.</summary>
/// <param name="inbox">Null where no money is collected.</param>
public sealed class ReadLive(OpenPartitions open, AccountLedger ledger, JobLedger jobs, PendingDeliveries deliveries, ITableStore store, TimeProvider clock, BillingInbox? inbox = null)
{
    public const int CountMax = 1_000;
    public const int HoldsShown = 50;
    public const int EndpointsShown = 50;
    private const int AccountsMax = 1_000;
    private const int AccountsAtOnce = 16;

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<LiveView> RunAsync(CancellationToken cancel)
    {
        var partitions = new List<LedgerPartition>();
        await foreach (var row in open.AllAsync(cancel))
        {
            partitions.Add(LedgerPartition.Parse(row.Key));
            if (partitions.Count > AccountsMax) break;
        }

        var looks = new List<Look>();
        foreach (var some in partitions.Take(AccountsMax).Chunk(AccountsAtOnce)) looks.AddRange(await Task.WhenAll(some.Select(each => LookAsync(each, cancel))));
        return new(
            TotalsOf(looks, isLive: true),
            TotalsOf(looks, isLive: false),
            await WaitingAsync(looks, cancel),
            [.. looks.Where(look => look.Partition.Livemode).SelectMany(look => look.Oldest.Select(hold => (look.Partition, hold))).OrderBy(each => each.hold.HeldAt).Take(HoldsShown)],
            [.. looks.SelectMany(look => look.Failing).Take(EndpointsShown)],
            partitions.Count <= AccountsMax);
    }

    private async Task<IReadOnlyList<WaitingWork>> WaitingAsync(IReadOnlyList<Look> looks, CancellationToken cancel)
    {
        var reports = looks.Where(look => look.Unreported is not null).ToArray();
        var (queued, due) = (looks.SelectMany(look => look.Jobs).ToArray(), looks.SelectMany(look => look.Deliveries).ToArray());
        List<WaitingWork> waiting =
        [
            new("meter_events", reports.Length, reports.Min(look => look.Unreported)),
            new("jobs", queued.Length, queued.Length == 0 ? null : queued.Min()),
            new("webhooks", due.Length, due.Length == 0 ? null : due.Min()),
        ];
        if (inbox is not null) waiting.Add(await AnnouncementsAsync(inbox, cancel));
        return waiting;
    }

    private static async Task<WaitingWork> AnnouncementsAsync(BillingInbox inbox, CancellationToken cancel)
    {
        var waiting = await inbox.WaitingAsync("", CountMax, cancel);
        return new("billing_events", waiting.Count, waiting.Count == 0 ? null : waiting.Min(each => each.ReceivedAt));
    }

    private async Task<Look> LookAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var balance = await ledger.BalanceAsync(partition, cancel);

        // So many of each account that none of the oldest of all is missing.
        var oldest = balance.Open == 0 ? [] : await ledger.HoldsAsync(partition, "", HoldsShown, cancel);
        var outbox = balance.Owed == Money.Zero ? [] : await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.OutboxStart, LedgerRows.OutboxEnd, 1, cancel);
        var unended = balance.HoldsAny ? await jobs.OpenAsync(partition, "", CountMax, cancel) : [];
        var endpoints = balance.EndpointsVersion == 0 ? [] : await deliveries.EndpointsAsync(partition, cancel);
        var due = await Task.WhenAll(endpoints.Where(each => each.IsEnabled).Select(each => deliveries.DueSinceAsync(partition, each, now, cancel)));
        return new(
            partition,
            balance,
            [.. oldest.Select(each => each.Hold)],
            outbox.Count == 0 ? null : LedgerRows.HourOf(outbox[0].Key).Start,
            [.. unended.Where(job => job.State == JobState.Queued && job.DueAt <= now).Select(job => job.DueAt)],
            [.. due.OfType<DateTimeOffset>()],
            [.. endpoints.Where(each => each.IsFailing).Select(each => new FailingEndpoint(partition, each))]);
    }

    private static LiveTotals TotalsOf(IEnumerable<Look> looks, bool isLive) => looks.Where(look => look.Partition.Livemode == isLive && look.Balance.Open > 0).Aggregate(
        LiveTotals.None,
        (sum, look) => new(sum.InFlight + look.Balance.Open, sum.Held + look.Balance.Held + look.Balance.OwedHeld, Earlier(sum.OldestHold, look.Oldest.Count == 0 ? null : look.Oldest[0].HeldAt), sum.Accounts + 1));

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is { } first && first < (other ?? DateTimeOffset.MaxValue) ? first : other;

    private sealed record Look(LedgerPartition Partition, Balance Balance, IReadOnlyList<Hold> Oldest, DateTimeOffset? Unreported, IReadOnlyList<DateTimeOffset> Jobs, IReadOnlyList<DateTimeOffset> Deliveries, IReadOnlyList<FailingEndpoint> Failing);
}
