using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Billing;

/// <summary>Breaks work off at one of its writes, which is applied and not told: in tables and blobs together, as a process that is killed leaves both.</summary>
internal sealed class BreakingStore(ITableStore store, IBlobStore blobs) : ITableStore, IBlobStore
{
    private int applied;
    private int? breakAt;

    /// <summary>Runs work that ends at a write; what is done afterwards is not broken off.</summary>
    /// <param name="writes">How many it makes before that.</param>
    /// <returns>False if it does not make so many, and was done.</returns>
    public async Task<bool> BreakAsync(int writes, Func<Task> work)
    {
        (breakAt, applied) = (writes, 0);
        try
        {
            await work();
            return false;
        }
        catch (Exception cause) when (cause is WriteFateUnknownException or LedgerUnavailableException or StoreUnavailableException)
        {
            return true;
        }
        finally
        {
            breakAt = null;
        }
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

    private bool IsBroken() => breakAt is { } at && applied++ == at;
}
