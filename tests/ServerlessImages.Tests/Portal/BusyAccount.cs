using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Portal;

/// <summary>The ledger of an account with 100,000 requests in 90 days, written as the ledger writes it, without the time that it would take to make them.</summary>
internal sealed class BusyAccount(DateTimeOffset now)
{
    public const int Requests = 100_000;
    private const int Days = 90;
    private const int RowsPerCommit = 100;

    public static LedgerPartition Partition { get; } = new("acct_demo", Livemode: true);

    private readonly LedgerEntry[] entries = [.. Enumerable.Range(1, Requests).Select(number => Entry(number, now))];

    public IReadOnlyList<LedgerEntry> Entries => entries;

    public async Task WriteAsync(ITableStore store)
    {
        var charged = entries.Aggregate(Money.Zero, (sum, entry) => sum + entry.Amount);
        var balance = Balance.Empty with { Granted = charged + Money.Dollars(5), Settled = charged, Sequence = Requests };
        await store.CommitAsync(TableNames.Ledger, Partition.Key, [RowWrite.Insert(LedgerRows.Balance, balance.ToColumns())], CancellationToken.None);
        await WriteAsync(store, entry => RowWrite.Insert(LedgerRows.Entry(entry.Id), Columns(entry)));
        await WriteAsync(store, entry => RowWrite.Insert(LedgerRows.Order(entry.Sequence), new Columns { { LedgerRows.EntryColumn, LedgerRows.Entry(entry.Id) } }));
    }

    /// <summary>Each tenth failed. The keys are many, and one tag has a value for every customer.</summary>
    private static LedgerEntry Entry(int number, DateTimeOffset now)
    {
        var at = now - TimeSpan.FromDays(Days) * ((Requests - number) / (double)Requests);
        var failed = number % 10 == 0;
        var summary = Sample.Summary($"key_{number % 37:D2}") with
        {
            Model = (number % 3) switch { 0 => "gpt-image-2", 1 => "gpt-image-1.5", _ => "gpt-image-1-mini" },
            Tags = RequestSummary.TagsJson(new Dictionary<string, string> { ["team"] = number % 2 == 0 ? "red" : "blue", ["customer"] = (number % 5_003).ToString(CultureInfo.InvariantCulture) }),
        };
        var closed = new ClosedRequest(summary, new(10_000), Rail.Prepaid, at, Money.Zero, failed ? 0 : 1, failed ? null : new(10, 0, 196), "", failed ? "upstream_failed" : "");
        return new LedgerEntry(failed ? EntryType.Void : EntryType.Settle, string.Create(CultureInfo.InvariantCulture, $"req_{number:x32}"), failed ? Money.Zero : new(1_000 + (number % 97)), at, number, EntryChain.Start, LedgerHour.Of(at), closed);
    }

    private static Columns Columns(LedgerEntry entry)
    {
        var columns = entry.ToColumns();
        columns.Add(LedgerRows.PreviousColumn, entry.Previous);
        return columns;
    }

    private async Task WriteAsync(ITableStore store, Func<LedgerEntry, RowWrite> write)
    {
        foreach (var chunk in entries.Chunk(RowsPerCommit)) await store.CommitAsync(TableNames.Ledger, Partition.Key, [.. chunk.Select(write)], CancellationToken.None);
    }
}
