using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Stores;

/// <summary>The tables without weather: what was there before the history began.</summary>
internal sealed class DirectTables(TableModel tables) : ITableStore
{
    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) => Task.FromResult(tables.Find(table, partition, key));

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Row>>(tables.Range(table, partition, from, to, limit));

    public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel) => Task.FromResult(tables.Apply(table, partition, writes));
}
