using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

/// <summary>Deletes a request's images, and leaves an entry that says so. The charge and its entry stand.</summary>
public sealed class DeleteResult(AccountLedger ledger, ImageResults results)
{
    /// <returns>Or <c>request_not_found</c>, <c>result_not_ready</c>. Deleting again changes nothing.</returns>
    /// <exception cref="Storage.StoreUnavailableException">Some of it may be left: delete again.</exception>
    public async Task<Result<LedgerEntry>> RunAsync(LedgerPartition partition, string requestId, CancellationToken cancel)
    {
        var (entry, hold) = await ledger.FindAsync(partition, requestId, cancel);
        if (entry is null) return hold is null ? ApiError.RequestNotFound : ApiError.ResultNotReady;

        // The note first: were the bytes to go before it, the nightly books would miss them without a reason.
        await ledger.NoteDeletionAsync(partition, requestId, cancel);
        await results.DeleteAsync(partition, requestId, entry.Request?.Images ?? 0, cancel);
        return entry;
    }
}
