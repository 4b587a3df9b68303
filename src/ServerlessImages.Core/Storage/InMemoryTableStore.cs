namespace ServerlessImages.Storage;

/// <summary>Tables in memory, for the simulation and for fast tests: the same calls in the same order give the same rows and versions.</summary>
/// <remarks>Columns are kept, not copied: nothing adds to them after they were built.</remarks>
public sealed class InMemoryTableStore : ITableStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Table, string Partition), SortedList<string, Row>> partitions = [];
    private long lastVersion;

    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(RowsOf(table, partition).GetValueOrDefault(key));
        }
    }

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            var rows = RowsOf(table, partition);
            var found = new List<Row>();
            for (var index = FirstAtOrAfter(rows.Keys, from); index < rows.Count && found.Count < limit; index++)
            {
                if (string.CompareOrdinal(rows.Keys[index], to) >= 0) break;
                found.Add(rows.Values[index]);
            }

            return Task.FromResult<IReadOnlyList<Row>>(found);
        }
    }

    public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            var rows = RowsOf(table, partition);
            for (var index = 0; index < writes.Count; index++)
            {
                var refusal = writes[index].RefusalAgainst(rows.GetValueOrDefault(writes[index].Key)?.ETag);
                if (refusal != CommitRefusal.None) return Task.FromResult(CommitResult.Refused(refusal, index));
            }

            return Task.FromResult(CommitResult.Done([.. writes.Select(write => Apply(rows, partition, write))]));
        }
    }

    private string Apply(SortedList<string, Row> rows, string partition, RowWrite write)
    {
        if (write.Kind == RowWriteKind.Delete)
        {
            rows.Remove(write.Key);
            return "";
        }

        var etag = (++lastVersion).ToString(System.Globalization.CultureInfo.InvariantCulture);
        rows[write.Key] = new Row(partition, write.Key, write.Columns, etag);
        return etag;
    }

    private SortedList<string, Row> RowsOf(string table, string partition)
    {
        if (partitions.TryGetValue((table, partition), out var rows)) return rows;
        return partitions[(table, partition)] = new SortedList<string, Row>(StringComparer.Ordinal);
    }

    private static int FirstAtOrAfter(IList<string> keys, string from)
    {
        var (low, high) = (0, keys.Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (string.CompareOrdinal(keys[middle], from) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
