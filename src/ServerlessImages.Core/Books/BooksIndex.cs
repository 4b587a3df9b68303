using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// Which accounts' books were closed for a day, and which of them differ: what the operator asks for, who has not one account but all. In the table <c>books</c>:
/// <list type="bullet">
/// <item>the partition <c>day|{yyyy-MM-dd}</c> has a row for each ledger partition that was closed for it;</item>
/// <item>the partition <c>differing</c> has a row <c>{day counted down}|{ledger partition}</c> for each that differs, so that the newest come first.</item>
/// </list>
/// </summary>
/// <remarks>
/// Written before the day itself, again and again until that is written: a closed day is never missing here. What is here and not closed is the work of a moment,
/// or of a process that died; whoever lists it reads the day itself.
/// </remarks>
public sealed class BooksIndex(ITableStore store)
{
    private const string Differing = "differing";
    private const string Differences = nameof(Differences);

    /// <exception cref="WriteFateUnknownException">Nothing may be closed yet.</exception>
    public async Task AddAsync(LedgerPartition partition, BooksDay day, CancellationToken cancel)
    {
        var columns = new Columns { { Differences, day.Differences.Count } };
        await store.CommitAsync(TableNames.Books, PartitionOf(day.Day), [RowWrite.Upsert(partition.Key, columns)], cancel);
        if (day.Differences.Count > 0) await store.CommitAsync(TableNames.Books, Differing, [RowWrite.Upsert(DifferingKey(day.Day, partition), columns)], cancel);
    }

    /// <summary>A page of the accounts that were closed for a day, by their ids.</summary>
    /// <param name="after">The last one of the page before, or "".</param>
    public async Task<IReadOnlyList<(LedgerPartition Partition, int Differences)>> OfDayAsync(DateOnly day, string after, int limit, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Books, PartitionOf(day), after + "!", "~", limit, cancel);
        return [.. rows.Select(row => (LedgerPartition.Parse(row.Key), (int)row.Columns.Integer(Differences)))];
    }

    /// <summary>A page of what differs, newest days first.</summary>
    /// <param name="after">The cursor of the last one of the page before, or "".</param>
    public async Task<IReadOnlyList<DifferingBooks>> DifferingAsync(string after, int limit, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Books, Differing, after + "!", "~", limit, cancel);
        return [.. rows.Select(row => row.Key.Split('|')).Select(key => new DifferingBooks(string.Join('|', key), DateOnly.FromDayNumber(DateOnly.MaxValue.DayNumber - int.Parse(key[0], CultureInfo.InvariantCulture)), LedgerPartition.Parse(key[1])))];
    }

    private static string PartitionOf(DateOnly day) => "day|" + BooksDay.Key(day);

    private static string DifferingKey(DateOnly day, LedgerPartition partition) => string.Create(CultureInfo.InvariantCulture, $"{DateOnly.MaxValue.DayNumber - day.DayNumber:D7}|{partition.Key}");
}

/// <param name="Cursor">Where the next page goes on.</param>
public sealed record DifferingBooks(string Cursor, DateOnly Day, LedgerPartition Partition);
