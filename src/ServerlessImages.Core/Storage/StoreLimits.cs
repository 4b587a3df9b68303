using System.Text;

namespace ServerlessImages.Storage;

/// <summary>
/// Azure Tables' own limits, checked before every write on every store, since neither Azurite nor SQLite enforces them.
/// Source: learn.microsoft.com, "Scalability targets for Table storage", "Performing entity group transactions",
/// "Understanding the Table service data model".
/// </summary>
public sealed class StoreLimits(ITableStore store) : ITableStore
{
    public const int WritesMax = 100;
    public const int ColumnsMax = 252;
    public const int TextBytesMax = 64 * 1024;
    public const int KeyCharactersMax = 512;
    public const int TransactionBytesMax = 4 * 1024 * 1024;

    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) =>
        store.FindAsync(table, CheckKey(partition), CheckKey(key), cancel);

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return store.RangeAsync(table, CheckKey(partition), from, to, limit, cancel);
    }

    public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        Check(partition, writes);
        return store.CommitAsync(table, partition, writes, cancel);
    }

    private static void Check(string partition, IReadOnlyList<RowWrite> writes)
    {
        CheckKey(partition);
        if (writes.Count is 0 or > WritesMax) throw new ArgumentException($"A transaction takes 1 to {WritesMax} rows, not {writes.Count}.", nameof(writes));

        var keys = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0L;
        foreach (var write in writes)
        {
            if (!keys.Add(CheckKey(write.Key))) throw new ArgumentException($"The row {write.Key} is in the transaction twice.", nameof(writes));
            if (write.Kind is RowWriteKind.Replace or RowWriteKind.Delete && write.ETag is "" or "*") throw new ArgumentException($"The row {write.Key} is written without the version that was read.", nameof(writes));
            if (write.Columns.Count > ColumnsMax) throw new ArgumentException($"The row {write.Key} has more than {ColumnsMax} columns.", nameof(writes));
            bytes += partition.Length + write.Key.Length + write.Columns.Sum(column => column.Key.Length + Bytes(write.Key, column));
        }

        if (bytes >= TransactionBytesMax) throw new ArgumentException("The transaction has 4 MiB or more.", nameof(writes));
    }

    private static int Bytes(string key, KeyValuePair<string, object> column)
    {
        if (column.Value is not string text) return sizeof(long);
        var bytes = Encoding.Unicode.GetByteCount(text);
        return bytes <= TextBytesMax ? bytes : throw new ArgumentException($"The column {column.Key} of the row {key} has more than 64 KiB.", nameof(column));
    }

    public static bool IsKey(string key) => key.Length is > 0 and <= KeyCharactersMax && key.All(IsAllowed);

    /// <exception cref="ArgumentException">The key is one that a store would refuse.</exception>
    public static string CheckKey(string key)
    {
        if (key.Length is 0 or > KeyCharactersMax) throw new ArgumentException("A key has 1 to 512 characters.", nameof(key));
        return key.All(IsAllowed) ? key : throw new ArgumentException($"The key {key} has a character that a store refuses or orders in its own way.", nameof(key));
    }

    /// <summary>Printable ASCII, which every store orders alike, without what Azure refuses (<c>/ \ # ?</c>) and what its clients encode in different ways (<c>% + '</c>).</summary>
    private static bool IsAllowed(char letter) => letter is >= ' ' and <= '~' and not ('/' or '\\' or '#' or '?' or '%' or '+' or '\'');
}
