using System.Runtime.CompilerServices;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// How far the ledger was held against the collector, and what did not fit: the partition <c>collector</c> of the table <c>books</c>. RowKey is one of
/// <list type="bullet">
/// <item><c>D|{account}|{kind}|{id}</c>: a pair that does not fit (<see cref="CollectorDifference"/>).</item>
/// <item><c>E|{account}</c>: the sequence of the last entry that was looked up at the collector.</item>
/// <item><c>N</c>: the last night in which all was compared.</item>
/// <item><c>P</c>: the last night in which what the collector has was looked up in the ledger.</item>
/// <item><c>U|{account}</c>: the last night in which hours and invoices were compared.</item>
/// </list>
/// </summary>
public sealed class CollectorDifferences(ITableStore store)
{
    public const string NightRow = "N";
    public const string PaymentsRow = "P";
    private const string Partition = "collector";
    private const string Start = "D|";
    private const string End = "D}";
    private const string Reached = nameof(Reached);
    private const int PageSize = 500;

    public static string EntriesRow(string account) => "E|" + account;

    public static string UsageRow(string account) => "U|" + account;

    /// <returns>The sequence of an entry, or the number of a day since the year 1; null before the first time.</returns>
    public async Task<long?> ReachedAsync(string row, CancellationToken cancel) => (await store.FindAsync(TableNames.Books, Partition, row, cancel))?.Columns.Integer(Reached);

    public Task ReachAsync(string row, long reached, CancellationToken cancel) => store.CommitAsync(TableNames.Books, Partition, [RowWrite.Upsert(row, new Columns { { Reached, reached } })], cancel);

    /// <summary>All of an account, or of all of them, by their keys.</summary>
    public async IAsyncEnumerable<CollectorDifference> AllAsync(string? account, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = account is null ? (Start, End) : ($"{Start}{account}|", $"{Start}{account}}}");
        while (true)
        {
            var page = await store.RangeAsync(TableNames.Books, Partition, from, to, PageSize, cancel);
            foreach (var row in page) yield return Of(row);
            if (page.Count < PageSize) yield break;
            from = page[^1].Key + "!";
        }
    }

    /// <summary>Writes down what this night makes of a pair.</summary>
    /// <param name="found">Null if it fits.</param>
    /// <returns>The difference, if it was named by this call.</returns>
    public async Task<CollectorDifference?> NoteAsync(string account, ComparedKind kind, string id, Mismatch? found, DateOnly night, CancellationToken cancel)
    {
        var key = $"{Start}{account}|{kind}|{id}";
        var row = await store.FindAsync(TableNames.Books, Partition, key, cancel);
        var before = row is null ? null : Of(row);
        var after = CollectorDifference.After(before, account, found, night);
        if (after == before) return null;

        // Before anything else can fail: what was found must not be lost from sight.
        var isNamed = after?.NamedOn is { } named && named != before?.NamedOn;
        if (isNamed) Telemetry.BooksDifferences.Add(1, KeyValuePair.Create<string, object?>("code", after!.Mismatch.Difference.Code));
        var written = await store.CommitAsync(TableNames.Books, Partition, [Write(key, row, after)], cancel);
        return isNamed && written.Applied ? after : null;
    }

    /// <summary>Whether all of a closed day has been held against the collector.</summary>
    /// <param name="lastSequence">Of the day's entries.</param>
    public async Task<bool> IsComparedAsync(LedgerPartition partition, DateOnly day, long lastSequence, CancellationToken cancel) =>
        await ReachedAsync(PaymentsRow, cancel) >= day.DayNumber
        && await ReachedAsync(EntriesRow(partition.Account), cancel) is var entries && (lastSequence == 0 || entries >= lastSequence)
        && (await ReachedAsync(UsageRow(partition.Account), cancel) ?? long.MaxValue) >= day.DayNumber;

    private static RowWrite Write(string key, Row? before, CollectorDifference? after)
    {
        if (before is null) return RowWrite.Insert(key, after!.ToColumns());
        return after is null ? RowWrite.Delete(key, before.ETag) : RowWrite.Replace(key, after.ToColumns(), before.ETag);
    }

    private static CollectorDifference Of(Row row) => CollectorDifference.From(row.Key.Split('|', 4)[1..], row.Columns);
}
