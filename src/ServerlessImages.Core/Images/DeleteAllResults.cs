using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

/// <summary>Deletes the images of all requests of a partition, in the ledger's order: as if each had been asked for. Charges and entries stand.</summary>
public sealed class DeleteAllResults(AccountLedger ledger, ImageResults results, DeleteResult delete)
{
    private const int EntriesPerPage = 50;

    /// <summary>A page of entries. What is past its time has gone by itself.</summary>
    /// <param name="after">The last entry whose images, and those of all before it, are deleted; 0 for none.</param>
    /// <returns>The same, further on; <paramref name="after"/> itself where nothing follows.</returns>
    /// <exception cref="Storage.StoreUnavailableException">Some may be deleted: begin again at the same entry.</exception>
    /// <exception cref="Storage.WriteFateUnknownException">As above.</exception>
    public async Task<long> PageAsync(LedgerPartition partition, long after, CancellationToken cancel)
    {
        var last = Math.Min(after + EntriesPerPage, (await ledger.BalanceAsync(partition, cancel)).Sequence);
        if (last <= after) return after;
        var entries = await ledger.EntriesAfterAsync(partition, after, EntriesPerPage, cancel);
        await Task.WhenAll(entries.Where(each => results.IsKept(each.Entry)).Select(each => delete.RunAsync(partition, each.Entry.Id, cancel)));
        return last;
    }
}
