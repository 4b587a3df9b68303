using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Receipts;

/// <summary>
/// Looks up the entry that a receipt is made of. Only the ledger is asked: a receipt outlives the images, and does not need their store.
/// </summary>
public sealed class FindReceipt(AccountLedger ledger)
{
    /// <returns>The entry of a charge; or <c>request_not_found</c> (unknown, another account's, or of a key that this one may not see), <c>receipt_not_ready</c>, <c>nothing_charged</c>.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public Task<Result<ChainedEntry>> RunAsync(Caller caller, string requestId, CancellationToken cancel) =>
        RunAsync(caller.Partition, requestId, keyId => keyId == caller.Key.Id || caller.Key.Scopes.Contains(Scope.UsageRead), cancel);

    /// <summary>For a member of the account, who sees the requests of all its keys.</summary>
    /// <inheritdoc cref="RunAsync(Caller, string, CancellationToken)"/>
    public Task<Result<ChainedEntry>> RunAsync(LedgerPartition partition, string requestId, CancellationToken cancel) => RunAsync(partition, requestId, _ => true, cancel);

    private async Task<Result<ChainedEntry>> RunAsync(LedgerPartition partition, string requestId, Func<string, bool> maySee, CancellationToken cancel)
    {
        if (!FindRequest.IsId(requestId)) return ApiError.RequestNotFound;

        var (found, open) = await ledger.FindChainedAsync(partition, requestId, cancel);
        var keyId = found?.Entry.Request?.Summary.KeyId ?? open?.Hold.Request.KeyId;
        if (keyId is null || !maySee(keyId)) return ApiError.RequestNotFound;
        if (found is null) return ApiError.ReceiptNotReady;
        return found.Entry.IsCharge ? found : ApiError.NothingCharged;
    }
}
