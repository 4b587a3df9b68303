using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>
/// Closes the holds of requests that nobody closed in time, because their process died: see <see cref="CloseExpiredHold"/>. Then it writes down what has expired
/// of grants, where no other transaction did, and looks after jobs: see <see cref="SweepJobs"/>. Any number of instances may run it at once.
/// </summary>
public sealed class ExpireHolds(AccountLedger ledger, OpenPartitions open, CloseExpiredHold closeExpired, SweepJobs sweepJobs, TimeProvider clock)
{
    private const int PageSize = 500;

    /// <param name="failed">Told about each partition that could not be swept; the others are.</param>
    /// <returns>How many holds expired without a charge.</returns>
    /// <exception cref="StoreUnavailableException">The list of partitions could not be read; the next run goes on.</exception>
    public async Task<int> RunAsync(Action<LedgerPartition, Exception> failed, CancellationToken cancel)
    {
        var (expired, oldestJob) = (0, TimeSpan.Zero);
        await foreach (var row in open.AllAsync(cancel))
        {
            var swept = await TrySweepAsync(row, failed, cancel);
            expired += swept.Expired;
            if (swept.OldestJob > oldestJob) oldestJob = swept.OldestJob;
        }

        Telemetry.JobsWaiting.Record(oldestJob.TotalSeconds);
        return expired;
    }

    private async Task<(int Expired, TimeSpan OldestJob)> TrySweepAsync(Row row, Action<LedgerPartition, Exception> failed, CancellationToken cancel)
    {
        try
        {
            return await SweepAsync(row, cancel);
        }
#pragma warning disable CA1031 // One bad partition must not keep the others' money.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            failed(LedgerPartition.Parse(row.Key), cause);
            return default;
        }
    }

    private async Task<(int Expired, TimeSpan OldestJob)> SweepAsync(Row row, CancellationToken cancel)
    {
        if (OpenPartitions.IsSwept(row) && !open.HasExpiryDue(row)) return default;
        var partition = LedgerPartition.Parse(row.Key);
        var (expired, seen, after) = (0, 0, "");
        while (true)
        {
            var page = await ledger.HoldsAsync(partition, after, PageSize, cancel);
            expired += await ExpireAsync(partition, page, cancel);
            seen += page.Count;
            if (page.Count < PageSize) break;
            after = page[^1].Hold.Id;
        }

        var swept = await sweepJobs.RunAsync(partition, cancel);
        var balance = await ledger.BalanceAsync(partition, cancel);
        if (balance.Expiring.Due.Any()) balance = await ledger.BeginHourAsync(partition);
        if (seen + swept.Left == 0) await open.MarkSweptAsync(row, balance.Expiring.Next, cancel);
        return (expired, swept.OldestWait);
    }

    private async Task<int> ExpireAsync(LedgerPartition partition, IReadOnlyList<OpenHold> holds, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var entries = await Task.WhenAll(holds.Where(each => each.Hold.ExpiresAt <= now).Select(each => closeExpired.RunAsync(partition, each, cancel)));
        return entries.Count(entry => entry.Type == EntryType.Expire);
    }
}
