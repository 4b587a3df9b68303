using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Operators;

/// <summary>What is going on: added up from the balances of the accounts that are listed as open.</summary>
/// <param name="InFlight">Requests with an open hold.</param>
/// <param name="Held">Set aside for them.</param>
/// <param name="OldestHold">When the oldest of them was made.</param>
/// <param name="Accounts">With requests in flight.</param>
public sealed record LiveTotals(int InFlight, Money Held, DateTimeOffset? OldestHold, int Accounts)
{
    public static LiveTotals None { get; } = new(0, Money.Zero, null, 0);
}

/// <summary>Work that waits to be done.</summary>
/// <param name="Name">What for.</param>
/// <param name="Count">How much waits: accounts, or announcements. At most <see cref="ReadLive.CountMax"/> is counted.</param>
/// <param name="Since">The oldest.</param>
public sealed record WaitingWork(string Name, int Count, DateTimeOffset? Since);

/// <param name="IsComplete">Whether all accounts were looked at, which costs a read or two of each.</param>
public sealed record LiveView(LiveTotals Live, LiveTotals Test, IReadOnlyList<WaitingWork> Waiting, bool IsComplete);

/// <summary>Looks at what is going on in all accounts, with a bounded number of reads.</summary>
/// <param name="inbox">Null where no money is collected.</param>
public sealed class ReadLive(OpenPartitions open, AccountLedger ledger, ITableStore store, BillingInbox? inbox = null)
{
    public const int CountMax = 1_000;
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
        var reports = looks.Where(look => look.Unreported is not null).ToArray();
        List<WaitingWork> waiting = [new("meter_events", reports.Length, reports.Min(look => look.Unreported))];
        if (inbox is not null) waiting.Add(await AnnouncementsAsync(inbox, cancel));
        return new(TotalsOf(looks, isLive: true), TotalsOf(looks, isLive: false), waiting, partitions.Count <= AccountsMax);
    }

    private static async Task<WaitingWork> AnnouncementsAsync(BillingInbox inbox, CancellationToken cancel)
    {
        var waiting = await inbox.WaitingAsync("", CountMax, cancel);
        return new("billing_events", waiting.Count, waiting.Count == 0 ? null : waiting.Min(each => each.ReceivedAt));
    }

    private async Task<Look> LookAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var balance = await ledger.BalanceAsync(partition, cancel);
        var oldest = balance.Open == 0 ? [] : await ledger.HoldsAsync(partition, "", 1, cancel);
        var outbox = balance.Owed == Money.Zero ? [] : await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.OutboxStart, LedgerRows.OutboxEnd, 1, cancel);
        return new(partition, balance, oldest.Count == 0 ? null : oldest[0].Hold.HeldAt, outbox.Count == 0 ? null : LedgerRows.HourOf(outbox[0].Key).Start);
    }

    private static LiveTotals TotalsOf(IEnumerable<Look> looks, bool isLive) => looks.Where(look => look.Partition.Livemode == isLive && look.Balance.Open > 0).Aggregate(
        LiveTotals.None,
        (sum, look) => new(sum.InFlight + look.Balance.Open, sum.Held + look.Balance.Held + look.Balance.OwedHeld, sum.OldestHold is { } oldest && oldest < (look.OldestHold ?? DateTimeOffset.MaxValue) ? oldest : look.OldestHold, sum.Accounts + 1));

    private sealed record Look(LedgerPartition Partition, Balance Balance, DateTimeOffset? OldestHold, DateTimeOffset? Unreported);
}
