using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Jobs;

/// <summary>An account's jobs, newest first.</summary>
public sealed class ListJobs(JobLedger jobs, FindRequest find)
{
    /// <summary>So many are looked at for one page, whatever the filters leave of them.</summary>
    private const int LookedAtMax = 500;

    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<JobPage> RunAsync(LedgerPartition partition, JobQuery query, CancellationToken cancel)
    {
        var (found, after, lookedAt) = (new List<RequestStatus>(), query.After, 0);
        while (lookedAt < LookedAtMax)
        {
            var ids = await jobs.AcceptedAsync(partition, after, query.CreatedBefore, query.CreatedFrom, query.Limit + 1, cancel);
            foreach (var status in await Task.WhenAll(ids.Select(id => find.RunAsync(partition, id, cancel))))
            {
                if (!status.TryGet(out var each, out _) || !query.Wants(each)) continue;
                if (found.Count == query.Limit) return new JobPage(found, found[^1].Id);
                found.Add(each);
            }

            if (ids.Count <= query.Limit) return new JobPage(found, null);
            (after, lookedAt) = (ids[^1], lookedAt + ids.Count);
        }

        return new JobPage(found, after);
    }
}

/// <param name="After">The last id of the page before, or null.</param>
/// <param name="KeyId">Only jobs of this key; null for all.</param>
public sealed record JobQuery(int Limit, string? After, RequestState? State, string? Model, string? KeyId, DateTimeOffset? CreatedFrom, DateTimeOffset? CreatedBefore)
{
    public bool Wants(RequestStatus job) =>
        (State is null || job.State == State) && (Model is null || job.Request.Summary.Model == Model) && (KeyId is null || job.Request.Summary.KeyId == KeyId);
}

/// <param name="NextAfter">Where the next page begins; null where there is none.</param>
public sealed record JobPage(IReadOnlyList<RequestStatus> Jobs, string? NextAfter);
