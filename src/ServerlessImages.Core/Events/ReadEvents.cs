using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Events;

/// <summary>An account's events, newest first.</summary>
public sealed class ReadEvents(ITableStore store, AccountLedger ledger)
{
    private const int RowsPerPage = 100;

    /// <param name="after">The last id of the page before, or null for the first page.</param>
    /// <param name="type">Only events of this type; null for all.</param>
    /// <returns>Or <c>event_not_found</c>, where <paramref name="after"/> is no event of the account.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<EventPage>> RunAsync(LedgerPartition partition, string? after, string? type, int limit, CancellationToken cancel)
    {
        var seen = after is null ? null : EventId.Parse(partition, after);
        if (after is not null && seen is null) return ApiError.EventNotFound;

        // With one more than is wanted, to know whether there is.
        var page = new List<AccountEvent>();
        var last = seen?.Number ?? (await ledger.BalanceAsync(partition, cancel)).Events;
        for (; last > 0 && page.Count <= limit; last -= RowsPerPage)
        {
            var rows = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Event(Math.Max(1, last - RowsPerPage + 1)), LedgerRows.Event(last + 1), RowsPerPage, cancel);
            page.AddRange(rows.Reverse().SelectMany(row => Events(EventRow.From(row))).Where(each => IsWanted(each, seen, type)));
        }

        return new EventPage([.. page.Take(limit)], page.Count > limit);
    }

    /// <returns>Or <c>event_not_found</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<AccountEvent>> FindAsync(LedgerPartition partition, string id, CancellationToken cancel)
    {
        if (EventId.Parse(partition, id) is not { } place) return ApiError.EventNotFound;
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Event(place.Number), cancel);
        return (row is null ? null : Events(EventRow.From(row)).ElementAtOrDefault(place.Place)) is { } found ? found : ApiError.EventNotFound;
    }

    private static bool IsWanted(AccountEvent each, EventId? after, string? type) =>
        (type is null || each.Type == type) && (after is null || each.Id.Number < after.Number || each.Id.Place > after.Place);

    private static IEnumerable<AccountEvent> Events(EventRow row) => row.Facts.Select((fact, place) => new AccountEvent(new EventId(row.Number, place), fact.Type, row.At, fact.Data));
}

/// <param name="HasMore">Whether older ones follow.</param>
public sealed record EventPage(IReadOnlyList<AccountEvent> Events, bool HasMore);
