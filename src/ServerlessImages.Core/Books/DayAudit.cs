using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>One day's entries as they are read: what they add up to, what is wrong with them, and their export.</summary>
internal sealed class DayAudit(LedgerPartition partition, DateOnly day, BooksCheckpoint before, IBlobStore blobs, CheckImages images)
{
    private readonly ExportWriter export = new(blobs, partition, day, before.ExportSha256);
    private readonly Dictionary<LedgerHour, UsageHour> usage = [];
    private DayCounts counts = new(0, 0, 0, 0, 0, 0, 0);

    public DateOnly Day => day;

    public LedgerFold Through { get; private set; } = before.Through;

    public List<Difference> Differences { get; } = [];

    public async Task AddAsync(PlacedEntry placed, CancellationToken cancel)
    {
        var place = LedgerRows.Order(placed.Sequence);
        if (placed.Sequence != Through.Sequence + 1) Differences.Add(new("order_gap", place, $"{Through.Sequence + 1}", $"{placed.Sequence}"));
        if (placed.Row is not { } row)
        {
            Differences.Add(new("entry_missing", place, placed.Key, ""));
            Through = Through with { Sequence = placed.Sequence };
            return;
        }

        var entry = LedgerEntry.From(row);
        Check(row.Key, entry, placed.Sequence);
        if (entry.IsCharge) Differences.AddRange(await images.RunAsync(partition, row.Key, entry, cancel));
        if (entry.IsCharge && entry.Amount > Money.Zero) usage[entry.Hour] = usage.GetValueOrDefault(entry.Hour, new(entry.Hour, Money.Zero, Money.Zero)).Add(entry.Request!.Rail, entry.Amount);
        counts = counts.Add(entry);
        await export.AddAsync(Through, row.Key, row.Columns, cancel);
        Through = Through.Add(row.Key, row.Columns) with { Sequence = placed.Sequence };
    }

    public void CheckUsage(IReadOnlyList<UsageHour> rows)
    {
        var stored = rows.ToDictionary(row => row.Hour);
        foreach (var hour in usage.Keys.Union(stored.Keys).Order())
        {
            var (expected, found) = (usage.GetValueOrDefault(hour), stored.GetValueOrDefault(hour));
            if (expected != found) Differences.Add(new("usage_hour", LedgerRows.Usage(hour), Words(expected), Words(found)));
        }

        static string Words(UsageHour? hour) => hour is null ? "" : $"{hour.Prepaid} {hour.Postpaid}";
    }

    public async Task<BooksDay> CloseAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await export.FlushAsync(cancel);
        return new BooksDay(day, now, before.Through, Through, counts, export.Parts, export.Sha256, Differences);
    }

    private void Check(string key, LedgerEntry entry, long sequence)
    {
        if (entry.Sequence != sequence) Differences.Add(new("entry_sequence", key, $"{sequence}", $"{entry.Sequence}"));
        if (entry.Previous != Through.Head) Differences.Add(new("chain_broken", key, Through.Head, entry.Previous));
        if (entry.Type == EntryType.ExpireGrant && Through.Expiring.Grants.FirstOrDefault(grant => grant.GrantId == entry.Id)?.Left is var left && left != entry.Amount) Differences.Add(new("expired_amount", key, $"{left ?? Money.Zero}", entry.Amount.ToString()));
        if (entry.Request is { } request && entry.Amount > request.Quote) Differences.Add(new("charge_above_quote", key, request.Quote.ToString(), entry.Amount.ToString()));
    }
}
