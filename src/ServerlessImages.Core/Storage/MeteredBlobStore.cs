namespace ServerlessImages.Storage;

/// <summary>Measures the calls to a blob store, as those to a table named <c>images</c>; without listeners it is only a step in between.</summary>
public sealed class MeteredBlobStore(IBlobStore store) : IBlobStore
{
    private const string Table = "images";

    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) => StorageTelemetry.HasListeners
        ? StorageTelemetry.MeasureAsync(Table, "put", () => store.PutAsync(name, bytes, contentType, note, cancel), isNew => isNew ? StorageTelemetry.Done : StorageTelemetry.Refused)
        : store.PutAsync(name, bytes, contentType, note, cancel);

    public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => StorageTelemetry.HasListeners
        ? StorageTelemetry.MeasureAsync(Table, "find", () => store.FindNoteAsync(name, cancel), _ => StorageTelemetry.Done)
        : store.FindNoteAsync(name, cancel);

    public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => StorageTelemetry.HasListeners
        ? StorageTelemetry.MeasureAsync(Table, "open", () => store.OpenAsync(name, cancel), _ => StorageTelemetry.Done)
        : store.OpenAsync(name, cancel);

    public Task DeleteAsync(string name, CancellationToken cancel) => StorageTelemetry.HasListeners
        ? StorageTelemetry.MeasureAsync(Table, "delete", () => DeletedAsync(name, cancel), _ => StorageTelemetry.Done)
        : store.DeleteAsync(name, cancel);

    private async Task<bool> DeletedAsync(string name, CancellationToken cancel)
    {
        await store.DeleteAsync(name, cancel);
        return true;
    }
}
