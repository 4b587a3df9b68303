namespace ServerlessImages.Storage;

/// <summary>Measures the calls to a table store; without listeners it is only a step in between.</summary>
public sealed class MeteredTableStore(ITableStore store) : ITableStore
{
    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) => StorageTelemetry.HasListeners
        ? StorageTelemetry.MeasureAsync(table, "find", () => store.FindAsync(table, partition, key, cancel), _ => StorageTelemetry.Done)
        : store.FindAsync(table, partition, key, cancel);

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) => StorageTelemetry.HasListeners
        ? StorageTelemetry.MeasureAsync(table, "range", () => store.RangeAsync(table, partition, from, to, limit, cancel), _ => StorageTelemetry.Done)
        : store.RangeAsync(table, partition, from, to, limit, cancel);

    public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel) => StorageTelemetry.HasListeners
        ? StorageTelemetry.MeasureAsync(table, "commit", () => store.CommitAsync(table, partition, writes, cancel), result => result.Applied ? StorageTelemetry.Done : StorageTelemetry.Refused)
        : store.CommitAsync(table, partition, writes, cancel);
}
