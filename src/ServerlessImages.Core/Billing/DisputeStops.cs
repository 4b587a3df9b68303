using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>Stops an account while one of its payments is disputed. Open disputes are the rows <c>{account}|{dispute}</c> of the partition <c>disputes</c> of the table <c>billing</c>.</summary>
public sealed class DisputeStops(ITableStore store, AccountLedger ledger)
{
    private const string Partition = "disputes";

    /// <exception cref="LedgerUnavailableException">It is noted, and it is not known whether the ledger was told; do it again.</exception>
    public async Task SetAsync(string accountId, string disputeId, bool isOpen, CancellationToken cancel)
    {
        var key = $"{accountId}|{disputeId}";
        var row = await store.FindAsync(TableNames.Billing, Partition, key, cancel);
        if (isOpen && row is null) await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Insert(key, new Columns { { "Open", 1 } })], cancel);
        if (!isOpen && row is not null) await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Delete(key, row.ETag)], cancel);

        // Another dispute may begin or end meanwhile: told is what stands there afterwards.
        var partition = new LedgerPartition(accountId, Livemode: true);
        var isStopped = (await ledger.BalanceAsync(partition, cancel)).Stops.HasFlag(StopReasons.PaymentDisputed);
        for (var any = await AnyAsync(accountId, cancel); any != isStopped; any = await AnyAsync(accountId, cancel))
        {
            await ledger.StopAsync(partition, StopReasons.PaymentDisputed, any);
            isStopped = any;
        }
    }

    private async Task<bool> AnyAsync(string accountId, CancellationToken cancel) =>
        (await store.RangeAsync(TableNames.Billing, Partition, accountId + "|", accountId + "}", 1, cancel)).Count > 0;
}
