using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Images;

/// <summary>
/// An account's requests by what they were, newest first: for pages. However few of them fit, at most four pages of rows are read; then one is told from where to go on.
/// </summary>
public sealed class SearchRequests(AccountLedger ledger, ListRequests list)
{
    /// <summary>On a page of those that ended; and of those that run.</summary>
    public const int RequestsMax = 25;

    /// <summary>The two pages of what runs leave two for what ended.</summary>
    private const int PagesMax = 2;

    /// <summary>Each entry is a read of its own; they are made at once.</summary>
    private const int EntriesPerPage = 150;

    /// <summary>Where all requests fit: what stands between them are grants and the like.</summary>
    private const int EntriesPerPageOfAll = RequestsMax + 5;

    /// <param name="before">Where the page before ended (<see cref="RequestSearch.Next"/>); null for the first.</param>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<RequestSearch> RunAsync(LedgerPartition partition, RequestFilter filter, long? before, CancellationToken cancel)
    {
        var running = before is null && filter.TakesRunning ? (await list.RunningAsync(partition, after: null, cancel)).Where(filter.Fits).ToArray() : [];
        var (ended, next) = filter.TakesEnded ? await EndedAsync(partition, filter, before, cancel) : ([], null);
        return new RequestSearch([.. running.Take(RequestsMax)], running.Length, ended, next);
    }

    /// <summary>The latest of those that ended, from one page of rows.</summary>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<FoundRequest>> LatestAsync(LedgerPartition partition, int count, CancellationToken cancel)
    {
        var found = new List<FoundRequest>();
        foreach (var entry in await ledger.EntriesBeforeAsync(partition, long.MaxValue, EntriesPerPageOfAll, cancel))
        {
            if (entry.Request is not null && !await list.WasChargedLateAsync(partition, entry, cancel)) found.Add(new(entry, RequestStatus.Ended(entry, result: null)));
            if (found.Count == count) break;
        }

        return found;
    }

    private async Task<(IReadOnlyList<FoundRequest> Ended, long? Next)> EndedAsync(LedgerPartition partition, RequestFilter filter, long? before, CancellationToken cancel)
    {
        var from = filter.Day is { } day ? UsageDay.StartOf(day) : new LedgerHour(0);
        var next = before ?? (filter.Day is { } last ? await ledger.FirstOfAsync(partition, UsageDay.EndOf(last), cancel) : long.MaxValue);
        var found = new List<FoundRequest>();
        for (var page = 0; page < PagesMax; page++)
        {
            foreach (var entry in await ledger.EntriesBeforeAsync(partition, next, filter.IsNone ? EntriesPerPageOfAll : EntriesPerPage, cancel))
            {
                if (entry.Hour < from) return (found, null);
                next = entry.Sequence;
                if (entry.Request is null || RequestStatus.Ended(entry, result: null) is var status && (!filter.Fits(status) || await list.WasChargedLateAsync(partition, entry, cancel))) continue;
                found.Add(new(entry, status));
                if (found.Count == RequestsMax) return (found, After(next));
            }

            if (After(next) is null) break;
        }

        return (found, After(next));
    }

    /// <summary>Null at the beginning of the ledger.</summary>
    private static long? After(long sequence) => sequence is 1 or long.MaxValue ? null : sequence;
}

/// <param name="Running">At most <see cref="SearchRequests.RequestsMax"/> of <paramref name="RunningCount"/>.</param>
/// <param name="Ended">May be few, or none, though older ones follow.</param>
/// <param name="Next">From where to go on; null where nothing is left.</param>
public sealed record RequestSearch(IReadOnlyList<RequestStatus> Running, int RunningCount, IReadOnlyList<FoundRequest> Ended, long? Next);

public sealed record FoundRequest(LedgerEntry Entry, RequestStatus Status);
