using ServerlessImages.Ledger;

namespace ServerlessImages.Jobs;

/// <summary>Ends jobs that no worker has begun, without a charge. Doing it again changes nothing.</summary>
public sealed class EndWaitingJobs(AccountLedger ledger, JobLedger jobs, JobOrders orders)
{
    private const int PageSize = 100;

    /// <summary>All of them. Those that a worker has by then are left to it; if it gives one back, that waits to be ended by the next call.</summary>
    /// <exception cref="LedgerUnavailableException">Some may not have ended; call again.</exception>
    /// <exception cref="Storage.StoreUnavailableException">As above.</exception>
    public async Task AllAsync(LedgerPartition partition, CancellationToken cancel)
    {
        for (var after = ""; ;)
        {
            var page = await jobs.OpenAsync(partition, after, PageSize, cancel);
            foreach (var job in page.Where(each => each.State == JobState.Queued)) await OneAsync(partition, job.Id, cancel);
            if (page.Count < PageSize) return;
            after = page[^1].Id;
        }
    }

    /// <param name="id">Of any request: only a job that waits is ended.</param>
    /// <exception cref="LedgerUnavailableException">It may or may not have ended; call again.</exception>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task OneAsync(LedgerPartition partition, string id, CancellationToken cancel)
    {
        var (_, hold) = await ledger.FindAsync(partition, id, cancel);
        if (hold is not { Hold.IsJob: true } || await jobs.FindAsync(partition, id, cancel) is not { } job) return;

        var ended = await jobs.EndAsync(partition, hold, each => each.State == JobState.Queued, hold.Hold.Close(Money.Zero, CancelJob.Code));
        if (ended is not null) await orders.DropAsync(partition, job.Order);
    }
}
