using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>What is still to be delivered, as the rows say.</summary>
public sealed class PendingDeliveries(ITableStore store)
{
    /// <summary>All endpoints of an account, also those that are being removed.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<WebhookEndpoint>> EndpointsAsync(LedgerPartition partition, CancellationToken cancel) =>
        [.. (await store.RangeAsync(TableNames.Webhooks, partition.Key, WebhookRows.EndpointsStart, WebhookRows.EndpointsEnd, 2 * WebhookDirectory.EndpointsMax, cancel)).Select(WebhookEndpoint.From)];

    /// <summary>Whether something is to be delivered to an account, now or later: it has to stay where the sweep looks.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public Task<bool> IsOwedAsync(LedgerPartition partition, CancellationToken cancel) => IsDueAsync(partition, DateTimeOffset.MaxValue, cancel);

    /// <summary>Whether something is to be done about an account's endpoints by then.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<bool> IsDueAsync(LedgerPartition partition, DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var endpoint in await EndpointsAsync(partition, cancel))
        {
            if (endpoint.State == EndpointState.Deleted || endpoint.IsNoticeDue) return true;
            if (endpoint.IsEnabled && endpoint.RestsUntil <= now && await IsDueAsync(partition, endpoint, now, cancel)) return true;
        }

        return false;
    }

    /// <summary>Since when an endpoint could have been told of something, were it not for work that waits, or for its rest.</summary>
    /// <returns>Null if nothing is due.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<DateTimeOffset?> DueSinceAsync(LedgerPartition partition, WebhookEndpoint endpoint, DateTimeOffset now, CancellationToken cancel)
    {
        if (await store.RangeAsync(TableNames.Webhooks, partition.Key, WebhookRows.WaitingStart(endpoint.Id), WebhookRows.DueEnd(endpoint.Id, now), limit: 1, cancel) is [var first]) return WebhookRows.TimeOf(first.Key);

        // What is not planned yet: a fact that the endpoint does not want counts too, until it was looked at.
        return await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Event(endpoint.Cursor + 1), cancel) is { } row ? EventRow.From(row).At : null;
    }

    private async Task<bool> IsDueAsync(LedgerPartition partition, WebhookEndpoint endpoint, DateTimeOffset now, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Event(endpoint.Cursor + 1), cancel) is not null
        || await HasDueAsync(partition, WebhookRows.WaitingStart(endpoint.Id), now, cancel)
        || await HasDueAsync(partition, WebhookRows.LeasedStart(endpoint.Id), now, cancel);

    private async Task<bool> HasDueAsync(LedgerPartition partition, string start, DateTimeOffset now, CancellationToken cancel) =>
        await store.RangeAsync(TableNames.Webhooks, partition.Key, start, WebhookRows.EndOf(start), limit: 1, cancel) is [var first] && WebhookRows.TimeOf(first.Key) <= now;
}
