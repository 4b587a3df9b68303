using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Jobs;

/// <summary>Ends a job for its caller, without a charge, while no worker has begun it. One that was begun is finished, charged and kept: what is drawn is paid for upstream.</summary>
public sealed class CancelJob(EndWaitingJobs end, FindRequest find)
{
    /// <summary>On the entry of a job that was cancelled, where others have the code of an error.</summary>
    public const string Code = "cancelled";

    /// <returns>What became of it, cancelled or not; or <c>request_not_found</c>. Cancelling again changes nothing.</returns>
    /// <exception cref="LedgerUnavailableException">It may or may not be cancelled; cancel again.</exception>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<RequestStatus>> RunAsync(LedgerPartition partition, string id, CancellationToken cancel)
    {
        if (FindRequest.IsId(id)) await end.OneAsync(partition, id, cancel);
        return await find.RunAsync(partition, id, cancel);
    }
}
