using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>The endpoints of an account, and every change of them. Each change is one transaction that is led by what is wanted, so that none is made beside another.</summary>
public sealed class WebhookDirectory(ITableStore store, PendingDeliveries pending, OpenPartitions open, AccountLedger ledger)
{
    /// <summary>Each is looked at whenever something is to be told.</summary>
    public const int EndpointsMax = 16;

    /// <summary>Who loses this often does not lose by chance.</summary>
    private const int TriesMax = 20;

    private const int WritesPerPurge = 50;

    /// <returns>Or <c>webhook_endpoint_not_found</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<WebhookEndpoint>> FindAsync(LedgerPartition partition, string id, CancellationToken cancel) =>
        await ReadAsync(partition, id, cancel) is { State: not EndpointState.Deleted } found ? found : ApiError.WebhookEndpointNotFound;

    /// <returns>The endpoint as it stands: of an id that there is already, the one that is there. Or <c>too_many_webhook_endpoints</c>.</returns>
    /// <exception cref="WriteFateUnknownException">It may or may not be there; with the same id, add again.</exception>
    /// <exception cref="LedgerUnavailableException">It is there, and may not be told of everything at once; with the same id, add again.</exception>
    public Task<Result<WebhookEndpoint>> AddAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel) =>
        CommitAsync(partition, endpoint.Id, (found, all) =>
        {
            if (found is not null) return found.State == EndpointState.Deleted ? ApiError.WebhookEndpointNotFound : found;
            return all.Count < EndpointsMax ? endpoint : ApiError.TooManyWebhookEndpoints(EndpointsMax);
        }, cancel);

    /// <param name="change">Made on the endpoint as it then is, and again if that has changed meanwhile.</param>
    /// <returns>The endpoint as it stands, or <c>webhook_endpoint_not_found</c>.</returns>
    /// <exception cref="WriteFateUnknownException">It may or may not be changed; change again.</exception>
    /// <exception cref="LedgerUnavailableException">It is changed; change again.</exception>
    public Task<Result<WebhookEndpoint>> ChangeAsync(LedgerPartition partition, string id, Func<WebhookEndpoint, WebhookEndpoint> change, CancellationToken cancel) =>
        CommitAsync(partition, id, (found, _) => found is null or { State: EndpointState.Deleted } ? ApiError.WebhookEndpointNotFound : change(found), cancel);

    /// <summary>Removes an endpoint and its log. From the moment that this is begun nothing is sent to it; calling again goes on.</summary>
    /// <returns>Or <c>webhook_endpoint_not_found</c>.</returns>
    /// <inheritdoc cref="ChangeAsync" path="/exception"/>
    public async Task<Result<WebhookEndpoint>> DeleteAsync(LedgerPartition partition, string id, CancellationToken cancel)
    {
        var removed = await CommitAsync(partition, id, (found, _) => found is null ? ApiError.WebhookEndpointNotFound : found with { State = EndpointState.Deleted }, cancel);
        if (removed.TryGet(out var endpoint, out _)) await PurgeAsync(partition, endpoint, cancel);
        return removed;
    }

    /// <summary>Removes what is left of an endpoint that is deleted.</summary>
    public async Task PurgeAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel)
    {
        // What is being attempted goes back to what waits, until it meets a row that is gone: so once more, until there is nothing.
        string[] starts = [WebhookRows.LeasedStart(endpoint.Id), WebhookRows.WaitingStart(endpoint.Id), WebhookRows.RecordsStart(endpoint.Id)];
        var found = 1;
        while (found > 0)
        {
            found = 0;
            foreach (var start in starts) found += await PurgeAsync(partition, start, cancel);
        }

        await store.CommitAsync(TableNames.Webhooks, partition.Key, [RowWrite.Delete(WebhookRows.Endpoint(endpoint.Id), endpoint.ETag)], cancel);
    }

    /// <summary>Brings the balance's copy of what is wanted up to date, where a change broke off before it did.</summary>
    /// <returns>False where the account never had an endpoint.</returns>
    public async Task<bool> SyncAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var wanted = await WantedAsync(partition, cancel);
        if (wanted.Version == 0) return false;
        if ((await ledger.BalanceAsync(partition, cancel)).EndpointsVersion < wanted.Version) await ledger.SetWantedEventsAsync(partition, wanted.Version, wanted.Mask);
        return true;
    }

    internal async Task<WebhookEndpoint?> ReadAsync(LedgerPartition partition, string id, CancellationToken cancel) =>
        StoreLimits.IsKey(WebhookRows.Endpoint(id)) && await store.FindAsync(TableNames.Webhooks, partition.Key, WebhookRows.Endpoint(id), cancel) is { } row ? WebhookEndpoint.From(row) : null;

    private async Task<Result<WebhookEndpoint>> CommitAsync(LedgerPartition partition, string id, Func<WebhookEndpoint?, IReadOnlyList<WebhookEndpoint>, Result<WebhookEndpoint>> decide, CancellationToken cancel)
    {
        // Whoever dies between the endpoint and the balance leaves it to the sweep, which looks only where it is told to.
        await open.TouchAsync(partition);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var wanted = await WantedAsync(partition, cancel);
            var all = await pending.EndpointsAsync(partition, cancel);
            var found = all.FirstOrDefault(each => each.Id == id);
            if (!decide(found, all).TryGet(out var changed, out var error)) return error;

            var next = wanted.Next([.. all.Where(each => each.Id != id), changed]);
            var write = found is null ? RowWrite.Insert(WebhookRows.Endpoint(id), changed.ToColumns()) : RowWrite.Replace(WebhookRows.Endpoint(id), changed.ToColumns(), found.ETag);
            var result = await store.CommitAsync(TableNames.Webhooks, partition.Key, [next.Write(), write], cancel);
            if (!result.Applied) continue;

            await ledger.SetWantedEventsAsync(partition, next.Version, next.Mask);
            return changed with { ETag = result.ETags[1] };
        }

        throw new StoreUnavailableException($"The endpoints of {partition} are changed by others all the time.");
    }

    /// <summary>What the endpoints of an account want all together, and how they stand.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<WantedEvents> WantedAsync(LedgerPartition partition, CancellationToken cancel) =>
        WantedEvents.From(await store.FindAsync(TableNames.Webhooks, partition.Key, WebhookRows.Wanted, cancel));

    private async Task<int> PurgeAsync(LedgerPartition partition, string start, CancellationToken cancel)
    {
        var found = 0;
        while (true)
        {
            var rows = await store.RangeAsync(TableNames.Webhooks, partition.Key, start, WebhookRows.EndOf(start), WritesPerPurge, cancel);
            if (rows.Count == 0) return found;
            found += rows.Count;
            await store.CommitAsync(TableNames.Webhooks, partition.Key, [.. rows.Select(row => RowWrite.Delete(row.Key, row.ETag))], cancel);
        }
    }
}
