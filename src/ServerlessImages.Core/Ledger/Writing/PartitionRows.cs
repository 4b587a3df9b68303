using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>Point reads within one partition of the ledger.</summary>
internal sealed class PartitionRows(ITableStore store, string partition)
{
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public Task<Row?> FindAsync(string key) => store.FindAsync(TableNames.Ledger, partition, key, CancellationToken.None);
}
