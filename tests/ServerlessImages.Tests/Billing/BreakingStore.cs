using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Billing;

/// <summary>Applies so many writes more, then each one without telling so: tables and blobs together, as a process that is killed leaves both.</summary>
internal sealed class BreakingStore(ITableStore store, IBlobStore blobs) : ITableStore, IBlobStore
{
    private int applied;
    private int? breakAfter;

    public int? BreakAfter
    {
        get => breakAfter;
        set => (breakAfter, applied) = (value, 0);
    }

    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) => store.FindAsync(table, partition, key, cancel);

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) => store.RangeAsync(table, partition, from, to, limit, cancel);

    public async Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        var result = await store.CommitAsync(table, partition, writes, cancel);

        // The ledger looks for its own write by itself: breaking there would only take its patience.
        return table != TableNames.Ledger && IsBroken() ? throw new WriteFateUnknownException("The answer was lost.") : result;
    }

    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) => blobs.PutAsync(name, bytes, contentType, note, cancel);

    public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => blobs.FindNoteAsync(name, cancel);

    public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => blobs.OpenAsync(name, cancel);

    public async Task DeleteAsync(string name, CancellationToken cancel)
    {
        await blobs.DeleteAsync(name, cancel);
        if (IsBroken()) throw new StoreUnavailableException("The answer was lost.");
    }

    private bool IsBroken() => BreakAfter is { } max && applied++ == max;
}
