using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.EndToEnd;

/// <summary>What the ledger of one account says, read row by row: nothing of it is taken from a balance or an index.</summary>
/// <param name="Open">Holds, jobs that have not ended, and orders in blobs that no job has.</param>
/// <param name="Jobs">The ids of all that were ever accepted.</param>
/// <param name="Entries">In the order of their sequence.</param>
internal sealed record Books(Customer Customer, Balance Balance, IReadOnlyList<Row> Open, IReadOnlyList<string> Jobs, IReadOnlyList<LedgerEntry> Entries)
{
    public IEnumerable<LedgerEntry> Settled => Entries.Where(entry => entry.IsCharge);

    /// <exception cref="Xunit.Sdk.XunitException">The chain or its order is broken.</exception>
    public static async Task<Books> ReadAsync(BackOffice office, Customer customer, CancellationToken cancel)
    {
        var partition = customer.Partition;
        var entries = (await office.RowsAsync(partition, "L", cancel)).Concat(await office.RowsAsync(partition, "G", cancel)).ToDictionary(row => row.Key, StringComparer.Ordinal);
        var order = await office.RowsAsync(partition, "S", cancel);
        var balance = await office.BalanceAsync(partition, cancel);

        var head = EntryChain.Start;
        var inOrder = new List<LedgerEntry>();
        foreach (var place in order)
        {
            var row = entries[place.Columns.Text(LedgerRows.EntryColumn)];
            var entry = LedgerEntry.From(row);
            Assert.Equal((head, inOrder.Count + 1L), (entry.Previous, entry.Sequence));
            head = EntryChain.Next(head, row.Key, row.Columns);
            inOrder.Add(entry);
        }

        Assert.Equal((balance.Head, balance.Sequence, entries.Count), (head, (long)inOrder.Count, inOrder.Count));
        string[] open = ["H", "J", "O"];
        var left = await Task.WhenAll(open.Select(prefix => office.RowsAsync(partition, prefix, cancel)));
        var jobs = await office.RowsAsync(partition, "W", cancel);
        return new Books(customer, balance, [.. left.SelectMany(rows => rows)], [.. jobs.Select(row => LedgerRows.JobAt(row.Key))], inOrder);
    }

    /// <summary>Nothing is left open, and the balance is what the entries say: on each rail what came in less the charges.</summary>
    public void AssertBalanced()
    {
        Assert.Empty(Open);
        Assert.Equal((Money.Zero, Money.Zero, 0), (Balance.Held, Balance.OwedHeld, Balance.Open));
        Assert.Equal(new Money(Entries.Where(entry => entry.Type == EntryType.Grant).Sum(entry => entry.Amount.Micros)), Balance.Granted);
        Assert.Equal((SettledOn(Rail.Prepaid), Balance.Granted - SettledOn(Rail.Prepaid), SettledOn(Rail.Postpaid)), (Balance.Settled, Balance.Available, Balance.Owed));
        Assert.Equal(Customer.Credit, new Money(Entries.Where(entry => entry.Id == BackOffice.Promotion).Sum(entry => entry.Amount.Micros)));
        Assert.All(Entries.Where(entry => entry.Type is EntryType.Void or EntryType.Expire), entry => Assert.Equal(Money.Zero, entry.Amount));
        Assert.All(Settled, entry => Assert.True(entry.Amount > Money.Zero && entry.Amount <= entry.Request!.Quote, entry.Id));
    }

    private Money SettledOn(Rail rail) => new(Settled.Where(entry => entry.Request!.Rail == rail).Sum(entry => entry.Amount.Micros));
}
