using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

/// <summary>
/// Closes a hold whose process died. With an Idempotency-Key, a stored result is charged: whoever sends the key again gets it. Without a key nobody could
/// fetch the images, so nothing is charged.
/// </summary>
public sealed class CloseExpiredHold(AccountLedger ledger, ImageResults results)
{
    /// <returns>The entry that closed it, whoever wrote it.</returns>
    public async Task<LedgerEntry> RunAsync(LedgerPartition partition, OpenHold open, CancellationToken cancel)
    {
        var result = open.Hold.KeyHash.Length > 0 ? await results.FindAsync(partition, open.Hold.Id, cancel) : null;
        return result is null
            ? await ledger.ExpireAsync(partition, open)
            : await ledger.CloseAsync(partition, open, EntryType.Settle, result.Charge, result.Close(open.Hold));
    }
}
