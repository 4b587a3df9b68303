namespace ServerlessImages.Simulation.Stores;

/// <summary>What a store of blobs is at heart: the first that is put under a name stays until it is deleted.</summary>
internal sealed class BlobModel(Func<long> microseconds)
{
    private readonly Dictionary<string, StoredBlob> blobs = [];

    public IEnumerable<string> Names => blobs.Keys;

    public StoredBlob? Find(string name) => blobs.GetValueOrDefault(name);

    public bool Put(string name, ReadOnlyMemory<byte> bytes, string contentType, string note) =>
        blobs.TryAdd(name, new StoredBlob(bytes, contentType, note, microseconds()));

    public void Delete(string name) => blobs.Remove(name);
}

/// <param name="StoredAt">In microseconds of virtual time.</param>
internal sealed record StoredBlob(ReadOnlyMemory<byte> Bytes, string ContentType, string Note, long StoredAt);
