using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Stores;

/// <summary>
/// What a store of tables is at heart: rows in key order, and transactions within a partition that happen one after the other, each whole or not at all.
/// Deliberately not Core's own in-memory store: a mistake there must not hide one of Core's.
/// </summary>
internal sealed class TableModel(Verdict verdict, Action<Commit> committed)
{
    private const int WritesMax = 100;

    private readonly Dictionary<(string Table, string Partition), SortedDictionary<string, Row>> partitions = [];
    private long lastVersion;

    public Row? Find(string table, string partition, string key) => RowsOf(table, partition).GetValueOrDefault(key);

    public List<Row> Range(string table, string partition, string from, string to, int limit)
    {
        var found = new List<Row>();
        foreach (var (key, row) in RowsOf(table, partition))
        {
            if (string.CompareOrdinal(key, from) < 0) continue;
            if (string.CompareOrdinal(key, to) >= 0 || found.Count == limit) break;
            found.Add(row);
        }

        return found;
    }

    public CommitResult Apply(string table, string partition, IReadOnlyList<RowWrite> writes)
    {
        CheckLimits(writes);
        var rows = RowsOf(table, partition);
        for (var index = 0; index < writes.Count; index++)
        {
            var refusal = writes[index].RefusalAgainst(rows.GetValueOrDefault(writes[index].Key)?.ETag);
            if (refusal != CommitRefusal.None) return CommitResult.Refused(refusal, index);
        }

        var changes = new RowChange[writes.Count];
        var etags = new string[writes.Count];
        for (var index = 0; index < writes.Count; index++)
        {
            changes[index] = Apply(rows, partition, writes[index]);
            etags[index] = changes[index].After?.ETag ?? "";
        }

        committed(new Commit(table, partition, changes));
        return CommitResult.Done(etags);
    }

    private RowChange Apply(SortedDictionary<string, Row> rows, string partition, RowWrite write)
    {
        var before = rows.GetValueOrDefault(write.Key);
        if (write.Kind == RowWriteKind.Delete)
        {
            rows.Remove(write.Key);
            return new(write.Key, before, After: null);
        }

        var after = new Row(partition, write.Key, write.Columns, (++lastVersion).ToString(CultureInfo.InvariantCulture));
        rows[write.Key] = after;
        return new(write.Key, before, after);
    }

    private void CheckLimits(IReadOnlyList<RowWrite> writes)
    {
        if (writes.Count is 0 or > WritesMax) verdict.Fail("a transaction is one that Azure takes", $"It has {writes.Count} rows.");
        for (var index = 1; index < writes.Count; index++)
        {
            for (var earlier = 0; earlier < index; earlier++)
            {
                if (writes[index].Key == writes[earlier].Key) verdict.Fail("a transaction is one that Azure takes", $"The row {writes[index].Key} is in it twice.");
            }
        }
    }

    private SortedDictionary<string, Row> RowsOf(string table, string partition)
    {
        if (partitions.TryGetValue((table, partition), out var rows)) return rows;
        return partitions[(table, partition)] = new(StringComparer.Ordinal);
    }
}

/// <summary>A transaction that was applied.</summary>
internal sealed record Commit(string Table, string Partition, IReadOnlyList<RowChange> Changes);

/// <param name="Before">Null for a new row.</param>
/// <param name="After">Null for a deleted row.</param>
internal readonly record struct RowChange(string Key, Row? Before, Row? After);
