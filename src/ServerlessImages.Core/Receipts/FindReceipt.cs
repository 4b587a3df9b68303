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
    public async Task<Result<ChainedEntry>> RunAsync(Caller caller, string requestId, CancellationToken cancel)
    {
        if (!FindRequest.IsId(requestId)) return ApiError.RequestNotFound;

        var (found, open) = await ledger.FindChainedAsync(caller.Partition, requestId, cancel);
        var keyId = found?.Entry.Request?.Summary.KeyId ?? open?.Hold.Request.KeyId;
        if (keyId is null || (keyId != caller.Key.Id && !caller.Key.Scopes.Contains(Scope.UsageRead))) return ApiError.RequestNotFound;
        if (found is null) return ApiError.ReceiptNotReady;
        return found.Entry.IsCharge ? found : ApiError.NothingCharged;
    }
}
