using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Jobs;

/// <summary>Ends a job for its caller, without a charge, while no worker has begun it. One that was begun is finished, charged and kept: what is drawn is paid for upstream.</summary>
public sealed class CancelJob(AccountLedger ledger, JobLedger jobs, JobOrders orders, FindRequest find)
{
    /// <summary>On the entry of a job that was cancelled, where others have the code of an error.</summary>
    public const string Code = "cancelled";

    /// <returns>What became of it, cancelled or not; or <c>request_not_found</c>. Cancelling again changes nothing.</returns>
    /// <exception cref="LedgerUnavailableException">It may or may not be cancelled; cancel again.</exception>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<RequestStatus>> RunAsync(LedgerPartition partition, string id, CancellationToken cancel)
    {
        var (_, hold) = FindRequest.IsId(id) ? await ledger.FindAsync(partition, id, cancel) : default;
        if (hold is { Hold.IsJob: true } && await jobs.FindAsync(partition, id, cancel) is { } job)
        {
            var ended = await jobs.EndAsync(partition, hold, each => each.State == JobState.Queued, hold.Hold.Close(Money.Zero, Code));
            if (ended is not null) await orders.DropAsync(partition, job.Order);
        }

        return await find.RunAsync(partition, id, cancel);
    }
}
