namespace ServerlessImages.Storage;

/// <summary>Blobs in memory, for the simulation and for fast tests.</summary>
public sealed class InMemoryBlobStore : IBlobStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (byte[] Bytes, string ContentType, string Note)> blobs = [];

    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel)
    {
        BlobLimits.CheckName(name);
        BlobLimits.CheckNote(note);
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(blobs.TryAdd(name, (bytes.ToArray(), contentType, note)));
        }
    }

    public Task<string?> FindNoteAsync(string name, CancellationToken cancel)
    {
        BlobLimits.CheckName(name);
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(blobs.TryGetValue(name, out var blob) ? blob.Note : null);
        }
    }

    public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel)
    {
        BlobLimits.CheckName(name);
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (!blobs.TryGetValue(name, out var blob)) return Task.FromResult<BlobContent?>(null);
            var stream = new MemoryStream(blob.Bytes, writable: false);
            return Task.FromResult<BlobContent?>(new BlobContent(stream, blob.Bytes.Length, blob.ContentType));
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancel)
    {
        BlobLimits.CheckName(name);
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            blobs.Remove(name);
            return Task.CompletedTask;
        }
    }
}
