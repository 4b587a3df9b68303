using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

/// <summary>An account's requests, newest first: those that run, then those that ended, in the ledger's order.</summary>
public sealed class ListRequests(AccountLedger ledger, Jobs.JobLedger jobs)
{
    /// <summary>An account has few open requests: its plan bounds them.</summary>
    private const int RunningMax = 1_000;

    /// <param name="after">The last id of the page before, or null for the first page.</param>
    /// <returns>Or <c>request_not_found</c>, where <paramref name="after"/> is no request of the account.</returns>
    public async Task<Result<RequestPage>> RunAsync(LedgerPartition partition, string? after, int limit, CancellationToken cancel)
    {
        var page = new List<RequestStatus>();
        var before = long.MaxValue;
        if (after is not null)
        {
            var (entry, hold) = await ledger.FindAsync(partition, after, cancel);
            if (entry is null && hold is null) return ApiError.RequestNotFound;
            before = entry?.Sequence ?? before;
        }

        if (before == long.MaxValue) page.AddRange(await RunningAsync(partition, after, cancel));
        if (page.Count <= limit) page.AddRange(await EndedAsync(partition, before, limit + 1 - page.Count, cancel));
        return new RequestPage([.. page.Take(limit)], page.Count > limit);
    }

    /// <summary>Those that run, newest first.</summary>
    internal async Task<IEnumerable<RequestStatus>> RunningAsync(LedgerPartition partition, string? after, CancellationToken cancel)
    {
        var holds = await ledger.HoldsAsync(partition, afterId: "", RunningMax, cancel);
        var waiting = holds.Any(each => each.Hold.IsJob) ? await jobs.OpenAsync(partition, afterId: "", RunningMax, cancel) : [];
        var queued = waiting.Where(each => each.State == Jobs.JobState.Queued).Select(each => each.Id).ToHashSet();
        return holds.Reverse().Where(each => after is null || string.CompareOrdinal(each.Hold.Id, after) < 0).Select(each => RequestStatus.Open(each.Hold, queued.Contains(each.Hold.Id)));
    }

    /// <summary>Grants stand among the requests in that order, so reading goes on until enough requests are found or the beginning is reached.</summary>
    private async Task<List<RequestStatus>> EndedAsync(LedgerPartition partition, long before, int count, CancellationToken cancel)
    {
        var ended = new List<RequestStatus>();
        while (ended.Count < count)
        {
            var entries = await ledger.EntriesBeforeAsync(partition, before, count, cancel);
            if (entries.Count == 0) break;
            foreach (var entry in entries.Where(each => each.Request is not null))
            {
                if (ended.Count < count && !await WasChargedLateAsync(partition, entry, cancel)) ended.Add(RequestStatus.Ended(entry, result: null));
            }

            before = entries[^1].Sequence;
        }

        return ended;
    }

    /// <summary>A request that expired and was charged after all has two entries: it is shown with the second.</summary>
    internal async Task<bool> WasChargedLateAsync(LedgerPartition partition, LedgerEntry entry, CancellationToken cancel) =>
        entry.Type == EntryType.Expire && (await ledger.FindAsync(partition, entry.Id, cancel)).Entry?.Type == EntryType.Late;
}

/// <param name="HasMore">Whether older ones follow.</param>
public sealed record RequestPage(IReadOnlyList<RequestStatus> Requests, bool HasMore);
