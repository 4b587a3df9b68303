using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>A store whose next calls fail as a real one does: not applied, or applied with the answer lost, or applied later.</summary>
internal sealed class FaultyTableStore(ITableStore store) : ITableStore
{
    public Queue<Fault> NextCommits { get; } = new();

    /// <summary>The table whose commits fail.</summary>
    public string Table { get; set; } = TableNames.Ledger;

    public bool IsDown { get; set; }
    public int Commits { get; private set; }
    public int Reads { get; private set; }
    private Func<Task>? late;

    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel)
    {
        Reads++;
        return IsDown ? throw new StoreUnavailableException("down") : store.FindAsync(table, partition, key, cancel);
    }

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) =>
        IsDown ? throw new StoreUnavailableException("down") : store.RangeAsync(table, partition, from, to, limit, cancel);

    public async Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        if (table != Table) return await store.CommitAsync(table, partition, writes, cancel);
        Commits++;
        if (IsDown) throw new WriteFateUnknownException("down");
        switch (NextCommits.TryDequeue(out var fault) ? fault : Fault.None)
        {
            case Fault.Dropped:
                throw new WriteFateUnknownException("dropped");
            case Fault.AnswerLost:
                await store.CommitAsync(table, partition, writes, cancel);
                throw new WriteFateUnknownException("answer lost");
            case Fault.AppliedLate:
                late = () => store.CommitAsync(table, partition, writes, CancellationToken.None);
                throw new WriteFateUnknownException("late");
            default:
                return await store.CommitAsync(table, partition, writes, cancel);
        }
    }

    public Task ApplyLateAsync() => late!();
}

internal enum Fault
{
    None,
    Dropped,
    AnswerLost,
    AppliedLate,
}
