using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>What became of the deliveries to an endpoint, newest first; and one of them once more.</summary>
public sealed class ReadDeliveries(WebhookDirectory directory, ITableStore store, IEventHints hints, TimeProvider clock)
{
    private const int TriesMax = 10;

    /// <param name="after">The last event of the page before, or null for the first page.</param>
    /// <returns>With one more than <paramref name="limit"/> where there is one; or <c>webhook_endpoint_not_found</c>, <c>event_not_found</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<IReadOnlyList<DeliveryRecord>>> RunAsync(LedgerPartition partition, string endpointId, string? after, int limit, CancellationToken cancel)
    {
        if (!(await directory.FindAsync(partition, endpointId, cancel)).TryGet(out var endpoint, out var error)) return error;
        var seen = after is null ? null : EventId.Parse(partition, after);
        if (after is not null && seen is null) return ApiError.EventNotFound;

        var start = WebhookRows.RecordsStart(endpoint.Id);
        var rows = await store.RangeAsync(TableNames.Webhooks, partition.Key, seen is null ? start : WebhookRows.Record(endpoint.Id, seen) + "!", WebhookRows.EndOf(start), limit + 1, cancel);
        var oldest = clock.GetUtcNow() - PlanDeliveries.KeptFor;
        return rows.Select(DeliveryRecord.From).Where(each => each.Created > oldest || each.State == DeliveryState.Pending).ToArray();
    }

    /// <summary>Delivers once more, from the first attempt on and at once: what is over, and what waits for a later attempt. What is being attempted goes on.</summary>
    /// <returns>The delivery as it stands; or <c>webhook_endpoint_not_found</c>, <c>webhook_endpoint_disabled</c>, <c>delivery_not_found</c>.</returns>
    /// <exception cref="WriteFateUnknownException">It may or may not be delivered; replay again.</exception>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<DeliveryRecord>> ReplayAsync(LedgerPartition partition, string endpointId, string eventId, CancellationToken cancel)
    {
        if (!(await directory.FindAsync(partition, endpointId, cancel)).TryGet(out var endpoint, out var error)) return error;
        if (EventId.Parse(partition, eventId) is not { } id) return ApiError.DeliveryNotFound;
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (await store.FindAsync(TableNames.Webhooks, partition.Key, WebhookRows.Record(endpoint.Id, id), cancel) is not { } row) return ApiError.DeliveryNotFound;
            if (!endpoint.IsEnabled) return ApiError.WebhookEndpointDisabled;
            if (await TryReplayAsync(partition, endpoint.Id, DeliveryRecord.From(row), cancel) is { } replayed) return replayed;
        }

        throw new StoreUnavailableException($"The delivery of {eventId} is changed by others all the time.");
    }

    /// <returns>Null if it has changed meanwhile.</returns>
    private async Task<DeliveryRecord?> TryReplayAsync(LedgerPartition partition, string endpoint, DeliveryRecord record, CancellationToken cancel)
    {
        var waiting = record.DueAt is { } due ? await store.FindAsync(TableNames.Webhooks, partition.Key, WebhookRows.Waiting(endpoint, due, record.Event), cancel) : null;
        if (record.State == DeliveryState.Pending && waiting is null) return record;

        var now = clock.GetUtcNow();
        var again = record with { State = DeliveryState.Pending, Attempts = 0, DueAt = now };
        var key = WebhookRows.Waiting(endpoint, now, record.Event);
        RowWrite[] moved = waiting is null ? [RowWrite.Insert(key, again.ToColumns())]
            : waiting.Key == key ? [RowWrite.Replace(key, again.ToColumns(), waiting.ETag)]
            : [RowWrite.Delete(waiting.Key, waiting.ETag), RowWrite.Insert(key, again.ToColumns())];
        var result = await store.CommitAsync(TableNames.Webhooks, partition.Key, [RowWrite.Replace(WebhookRows.Record(endpoint, record.Event), again.ToColumns(), record.ETag), .. moved], cancel);
        if (!result.Applied) return null;
        hints.Hint(partition, TimeSpan.Zero);
        return again;
    }
}
