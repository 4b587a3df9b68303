using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>
/// Gives an endpoint a delivery for each event after its cursor that it wants, and moves the cursor on, in one transaction: so each is made once, and none is
/// left out. Where its log is full of what still waits, it goes no further: the events wait in the ledger.
/// </summary>
public sealed class PlanDeliveries(ITableStore store, TimeProvider clock)
{
    /// <summary>How many deliveries of an endpoint are kept, those that wait included.</summary>
    public const int RecordsMax = 1_000;

    /// <summary>For so long deliveries that are over are shown, if there is room for them.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private const int RowsPerPage = 50;

    /// <summary>Two rows for each, and the endpoint's.</summary>
    private const int DeliveriesPerCommit = 45;

    private const int DropsPerCommit = 90;

    /// <returns>The endpoint as it then stands; unchanged when there is nothing more to do, and null when somebody else has changed it.</returns>
    public async Task<WebhookEndpoint?> RunAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Event(endpoint.Cursor + 1), LedgerRows.Event(endpoint.Cursor + RowsPerPage + 1), RowsPerPage, cancel);
        if (rows.Count == 0) return endpoint;
        if (endpoint.Records + DeliveriesPerCommit > RecordsMax) return await DropAsync(partition, endpoint, cancel);

        var (planned, cursor) = Take(rows, endpoint);
        var changed = endpoint with { Cursor = cursor, Records = endpoint.Records + planned.Count };
        return await CommitAsync(partition, changed, planned.SelectMany(each => Inserts(endpoint.Id, each)), cancel);
    }

    private (List<DeliveryRecord> Planned, long Cursor) Take(IReadOnlyList<Row> rows, WebhookEndpoint endpoint)
    {
        var (planned, cursor, now) = (new List<DeliveryRecord>(), endpoint.Cursor, clock.GetUtcNow());
        foreach (var row in rows.Select(EventRow.From))
        {
            var wanted = row.Facts.Index().Where(each => endpoint.Wants(each.Item)).ToArray();
            if (planned.Count + wanted.Length > DeliveriesPerCommit) break;
            planned.AddRange(wanted.Select(each => new DeliveryRecord(new EventId(row.Number, each.Index), each.Item.Type, now, DeliveryState.Pending, Attempts: 0) { DueAt = now }));
            cursor = row.Number;
        }

        return (planned, cursor);
    }

    private static RowWrite[] Inserts(string endpoint, DeliveryRecord planned) =>
    [
        RowWrite.Insert(WebhookRows.Waiting(endpoint, planned.DueAt!.Value, planned.Event), planned.ToColumns()),
        RowWrite.Insert(WebhookRows.Record(endpoint, planned.Event), planned.ToColumns()),
    ];

    /// <summary>Makes room: the oldest of what is over goes first.</summary>
    private async Task<WebhookEndpoint?> DropAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var start = WebhookRows.RecordsStart(endpoint.Id);
        var rows = await store.RangeAsync(TableNames.Webhooks, partition.Key, start, WebhookRows.EndOf(start), 2 * RecordsMax, cancel);
        var over = rows.Where(row => DeliveryRecord.From(row).State != DeliveryState.Pending).TakeLast(DropsPerCommit).ToArray();
        if (over.Length == 0) return endpoint;

        // Counted anew: whatever was miscounted is right from here on.
        return await CommitAsync(partition, endpoint with { Records = rows.Count - over.Length }, over.Select(row => RowWrite.Delete(row.Key, row.ETag)), cancel);
    }

    private async Task<WebhookEndpoint?> CommitAsync(LedgerPartition partition, WebhookEndpoint changed, IEnumerable<RowWrite> writes, CancellationToken cancel)
    {
        var result = await store.CommitAsync(TableNames.Webhooks, partition.Key, [RowWrite.Replace(WebhookRows.Endpoint(changed.Id), changed.ToColumns(), changed.ETag), .. writes], cancel);
        return result.Applied ? changed with { ETag = result.ETags[0] } : null;
    }
}
