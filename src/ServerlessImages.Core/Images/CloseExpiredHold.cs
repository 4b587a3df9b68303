using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

/// <summary>
/// Closes a hold whose process died. With an Idempotency-Key, a stored result is charged: whoever sends the key again gets it. Without a key nobody could
/// fetch the images, so nothing is charged; unless it is a job, whose id its caller has.
/// </summary>
public sealed class CloseExpiredHold(AccountLedger ledger, Jobs.JobLedger jobs, ImageResults results)
{
    /// <returns>The entry that closed it, whoever wrote it.</returns>
    public async Task<LedgerEntry> RunAsync(LedgerPartition partition, OpenHold open, CancellationToken cancel)
    {
        var isFetchable = open.Hold.KeyHash.Length > 0 || (open.Hold.IsJob && await jobs.FindAsync(partition, open.Hold.Id, cancel) is { IsAnswered: true });
        return isFetchable && await SettleStoredAsync(partition, open, cancel) is { } entry ? entry : await ledger.ExpireAsync(partition, open);
    }

    /// <summary>Charges what is stored, if anything is.</summary>
    /// <returns>The entry that closed it, whoever wrote it; null if nothing is stored.</returns>
    public async Task<LedgerEntry?> SettleStoredAsync(LedgerPartition partition, OpenHold open, CancellationToken cancel)
    {
        var result = await results.FindAsync(partition, open.Hold.Id, cancel);
        return result is null ? null : await ledger.CloseAsync(partition, open, EntryType.Settle, result.Charge, result.Close(open.Hold));
    }
}
