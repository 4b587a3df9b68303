using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>A store on whose commits a test may act: before, after, or instead; and before its reads.</summary>
internal sealed class HookedTableStore(ITableStore store) : ITableStore
{
    public delegate Task<CommitResult> CommitHook(IReadOnlyList<RowWrite> writes, Func<Task<CommitResult>> commit);

    /// <summary>The table whose commits are hooked.</summary>
    public string Table { get; init; } = TableNames.Ledger;

    public CommitHook OnCommit { get; set; } = (_, commit) => commit();

    /// <summary>Told of a row before it is read.</summary>
    public Func<string, Task> OnFind { get; set; } = _ => Task.CompletedTask;

    /// <summary>Told before rows of any table are read.</summary>
    public Action OnRange { get; set; } = () => { };

    public int Commits { get; private set; }

    public static bool IsHold(IReadOnlyList<RowWrite> writes) => Inserts(writes, "H|");

    public static bool IsEntry(IReadOnlyList<RowWrite> writes) => Inserts(writes, "L|");

    public async Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel)
    {
        if (table == Table) await OnFind(key);
        return await store.FindAsync(table, partition, key, cancel);
    }

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel)
    {
        OnRange();
        return store.RangeAsync(table, partition, from, to, limit, cancel);
    }

    public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        if (table != Table) return store.CommitAsync(table, partition, writes, cancel);
        Commits++;
        return OnCommit(writes, () => store.CommitAsync(table, partition, writes, CancellationToken.None));
    }

    private static bool Inserts(IReadOnlyList<RowWrite> writes, string prefix) =>
        writes.Any(write => write.Kind == RowWriteKind.Insert && write.Key.StartsWith(prefix, StringComparison.Ordinal));
}
