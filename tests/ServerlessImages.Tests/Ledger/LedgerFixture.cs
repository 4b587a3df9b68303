using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Books;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>A ledger over one store, and the books of its partition: what the rows say, added up.</summary>
internal sealed class LedgerFixture
{
    private readonly TimeProvider time;

    /// <param name="time">Or a clock that stands still until it is advanced: <see cref="Clock"/>.</param>
    public LedgerFixture(ITableStore? store = null, TimeProvider? time = null, LedgerPartition? partition = null)
    {
        this.time = time ?? Clock;
        Partition = partition ?? Sample.Partition;
        Store = new FaultyTableStore(store ?? new InMemoryTableStore());
        Ledger = Instance();
    }

    public LedgerPartition Partition { get; }
    public FaultyTableStore Store { get; }
    public FakeTimeProvider Clock { get; } = Sample.Clock();
    public AccountLedger Ledger { get; }

    /// <summary>Another process over the same store.</summary>
    public AccountLedger Instance() => new(new StoreLimits(Store), new OpenPartitions(Store, time), time, new SystemEntropy());

    public ImageResults Results => new(Blobs, time);

    public InMemoryBlobStore Blobs { get; } = new();

    /// <summary>Another process that sweeps. What it cannot sweep fails the test.</summary>
    public async Task<int> SweepAsync()
    {
        var ledger = Instance();
        var sweeper = new ExpireHolds(ledger, new OpenPartitions(Store, time), new CloseExpiredHold(ledger, new JobLedger(ledger, Store), Results), Sample.SweepJobs(ledger, Store, time), time);
        return await sweeper.RunAsync((partition, cause) => throw new InvalidOperationException(partition.Key, cause), CancellationToken.None);
    }

    public Task<LedgerEntry> GrantAsync(long micros, string id = "grant_1") => Ledger.GrantAsync(Partition, id, new(micros));

    public async Task<LedgerEntry> GrantExpiringAsync(long micros, TimeSpan after, string id = "promo_1") => (await Ledger.GrantExpiringAsync(Partition, id, new(micros), time.GetUtcNow() + after)).Value();

    public async Task<OpenHold> HoldAsync(string id, long quote) => (await Ledger.HoldAsync(Partition, Sample.Hold(id, quote))).Value().Hold!;

    public Task<Result<LedgerEntry>> SettleAsync(OpenHold hold, long charge) => Ledger.SettleAsync(Partition, hold, new(charge), hold.Hold.Close(new(charge)));

    public Task<LedgerEntry> VoidAsync(OpenHold hold) => Ledger.VoidAsync(Partition, hold, hold.Hold.Close(Money.Zero, "upstream_failed"));

    public Task<Balance> BalanceAsync() => Ledger.BalanceAsync(Partition, CancellationToken.None);

    public Task<IReadOnlyList<Row>> RowsAsync(string prefix) =>
        Store.RangeAsync(TableNames.Ledger, Partition.Key, prefix + "|", prefix + "}", 100_000, CancellationToken.None);

    /// <summary>Recomputes the balance, the order and the chain from the rows, and compares.</summary>
    public async Task AssertBooksAgreeAsync()
    {
        var balance = await BalanceAsync();
        var holds = (await RowsAsync("H")).Select(Hold.From).ToArray();
        var entryRows = (await RowsAsync("L")).Concat(await RowsAsync("G")).Concat(await RowsAsync("R")).Concat(await RowsAsync("P")).Concat(await RowsAsync("X")).ToDictionary(row => row.Key);
        var order = await RowsAsync("S");
        var head = EntryChain.Start;
        foreach (var place in order)
        {
            var row = entryRows[place.Columns.Text(LedgerRows.EntryColumn)];
            var entry = LedgerEntry.From(row);
            Assert.Equal(head, entry.Previous);
            Assert.Equal(LedgerRows.Order(entry.Sequence), place.Key);
            head = EntryChain.Next(head, row.Key, entry.ToColumns());
        }

        var entries = entryRows.Values.Select(LedgerEntry.From).ToArray();
        var charges = entries.Where(entry => entry.IsCharge).ToArray();
        var usage = (await RowsAsync("U")).Select(UsageHour.From).Append(balance.Usage).Where(hour => !hour.IsEmpty).ToDictionary(hour => hour.Hour);
        Assert.Equal(entries.Length, order.Count);
        Assert.Equal(
            (Sum(EntryType.Grant), Sum(EntryType.Refund) + Sum(EntryType.Dispute) - Sum(EntryType.Reversal), Sum(EntryType.Payment), Sum(EntryType.ExpireGrant), holds.Length, (long)entries.Length, head),
            (balance.Granted, balance.Refunded, balance.Paid, balance.Expired, balance.Open, balance.Sequence, balance.Head));
        Assert.Empty(order.Aggregate(LedgerFold.Empty, (fold, place) => entryRows[place.Columns.Text(LedgerRows.EntryColumn)] is var row ? fold.Add(row.Key, row.Columns) : fold).Against(balance));
        Assert.All(balance.Expiring.Grants, grant => Assert.Equal(grant.Held.Micros, holds.SelectMany(hold => hold.Expiring).Where(share => share.GrantId == grant.GrantId).Sum(share => share.Amount.Micros)));
        Assert.True(balance.Expiring.Grants.Sum(grant => grant.Left.Micros) <= balance.Available.Micros + balance.Expiring.Over.Micros);
        Assert.Equal((Quotes(Rail.Prepaid), Quotes(Rail.Postpaid)), (balance.Held, balance.OwedHeld));
        Assert.Equal((Charges(Rail.Prepaid, charges), Charges(Rail.Postpaid, charges)), (balance.Settled, balance.Owed));
        Assert.Equal(
            charges.Where(entry => entry.Amount > Money.Zero).GroupBy(entry => entry.Hour).ToDictionary(hour => hour.Key, hour => new UsageHour(hour.Key, Charges(Rail.Prepaid, hour), Charges(Rail.Postpaid, hour))),
            usage);
        Assert.True(balance.Granted >= balance.Held + balance.Settled && (balance.AvailableCredit >= Money.Zero || balance.Limit == Money.Zero));

        Money Sum(EntryType type) => new(entries.Where(entry => entry.Type == type).Sum(entry => entry.Amount.Micros));
        Money Quotes(Rail rail) => new(holds.Where(hold => hold.Rail == rail).Sum(hold => hold.Quote.Micros));
        static Money Charges(Rail rail, IEnumerable<LedgerEntry> entries) => new(entries.Where(entry => entry.Request!.Rail == rail).Sum(entry => entry.Amount.Micros));
    }
}
