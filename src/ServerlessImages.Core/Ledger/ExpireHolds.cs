using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>Gives back the money of requests that nobody closed in time: their process died. Any number of instances may run it at once.</summary>
public sealed class ExpireHolds(AccountLedger ledger, OpenPartitions open, TimeProvider clock)
{
    private const int PageSize = 500;

    /// <returns>How many holds expired.</returns>
    /// <exception cref="StoreUnavailableException">The store failed; the next run goes on.</exception>
    /// <exception cref="LedgerUnavailableException">The store failed; the next run goes on.</exception>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var expired = 0;
        foreach (var shard in OpenPartitions.AllShards)
        {
            var after = "";
            while (true)
            {
                var page = await open.PageAsync(shard, after, PageSize, cancel);
                foreach (var row in page) expired += await SweepAsync(row, cancel);
                if (page.Count < PageSize) break;
                after = page[^1].Key;
            }
        }

        return expired;
    }

    private async Task<int> SweepAsync(Row row, CancellationToken cancel)
    {
        var partition = LedgerPartition.Parse(row.Key);
        var (expired, seen, after) = (0, 0, "");
        while (true)
        {
            var page = await ledger.HoldsAsync(partition, after, PageSize, cancel);
            expired += await ExpireAsync(partition, page);
            seen += page.Count;
            if (page.Count < PageSize) break;
            after = page[^1].Hold.Id;
        }

        if (seen == 0) await open.RemoveAsync(row, cancel);
        return expired;
    }

    private async Task<int> ExpireAsync(LedgerPartition partition, IReadOnlyList<OpenHold> holds)
    {
        var now = clock.GetUtcNow();
        var entries = await Task.WhenAll(holds.Where(each => each.Hold.ExpiresAt <= now).Select(each => ledger.ExpireAsync(partition, each)));
        return entries.Count(entry => entry.Type == EntryType.Expire);
    }
}
