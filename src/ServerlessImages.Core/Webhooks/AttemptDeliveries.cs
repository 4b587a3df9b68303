using System.Text;
using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>
/// One round of attempts of what is due at an endpoint: takes each for a while, so that nobody else attempts it, sends all at once, and writes down what came of
/// it. A process that dies in between leaves what it took, which is attempted again when its time is over.
/// </summary>
public sealed class AttemptDeliveries(ITableStore store, WebhookDirectory directory, WebhookSigner signer, IWebhookSender sender, TimeProvider clock, IEntropy entropy)
{
    /// <summary>How many attempts at one endpoint are under way at once.</summary>
    public const int AtOnceMax = 10;

    /// <summary>Longer than the longest attempt, and what it takes to write it down.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    private const int TriesMax = 10;

    /// <returns>What the attempts came to; none where nothing is due, or where others are at it.</returns>
    public async Task<IReadOnlyList<AttemptOutcome>> RunAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var taken = await TakeAsync(partition, endpoint, cancel);
        if (taken.Count == 0) return [];
        var outcomes = await Task.WhenAll(taken.Select(each => AttemptAsync(partition, endpoint, each, cancel)));
        await WriteAsync(partition, endpoint, [.. taken.Zip(outcomes, (lease, outcome) => new Attempt(lease, outcome))], cancel);
        return outcomes;
    }

    /// <summary>The event as it is sent, on every attempt the same.</summary>
    internal static string Body(LedgerPartition partition, EventRow row, int place)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", row.Facts[place].Type);
            json.WriteString("timestamp", row.At.UtcDateTime);
            json.WriteBoolean("livemode", partition.Livemode);
            json.WritePropertyName("data");
            row.Facts[place].Data.WriteTo(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private async Task<IReadOnlyList<Lease>> TakeAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var leasedStart = WebhookRows.LeasedStart(endpoint.Id);
        var leased = await store.RangeAsync(TableNames.Webhooks, partition.Key, leasedStart, WebhookRows.EndOf(leasedStart), AtOnceMax, cancel);

        // One run at a time serves an endpoint, and goes on until nothing is due: a slow one keeps no others busy.
        if (leased.Any(row => WebhookRows.TimeOf(row.Key) > now)) return [];
        var room = AtOnceMax - leased.Count;
        var due = room == 0 ? [] : await store.RangeAsync(TableNames.Webhooks, partition.Key, WebhookRows.WaitingStart(endpoint.Id), WebhookRows.DueEnd(endpoint.Id, now), room, cancel);
        Row[] rows = [.. leased, .. due];
        if (rows.Length == 0) return [];

        var leases = rows.Select(DeliveryRecord.From).ToArray();
        var inserts = leases.Select(each => RowWrite.Insert(WebhookRows.Leased(endpoint.Id, now + LeaseTime, each.Event), each.ToColumns())).ToArray();
        var result = await store.CommitAsync(TableNames.Webhooks, partition.Key, [.. rows.Select(row => RowWrite.Delete(row.Key, row.ETag)), .. inserts], cancel);
        return result.Applied ? [.. leases.Select((each, index) => new Lease(inserts[index].Key, result.ETags[rows.Length + index], each))] : [];
    }

    private async Task<AttemptOutcome> AttemptAsync(LedgerPartition partition, WebhookEndpoint endpoint, Lease lease, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Event(lease.Record.Event.Number), cancel)
            ?? throw new InvalidOperationException($"The event {lease.Record.Event.Number} of {partition} is gone.");
        var (id, body, now) = (lease.Record.Event.ToText(partition), Body(partition, EventRow.From(row), lease.Record.Event.Place), clock.GetUtcNow());
        var message = new WebhookMessage(new Uri(endpoint.Url), id, now.ToUnixTimeSeconds(), signer.Sign(partition, endpoint, id, now, body), body);
        var answer = await sender.SendAsync(message, cancel);
        WebhookTelemetry.Attempted(answer, clock.GetUtcNow() - now);
        return lease.Record.After(answer, clock.GetUtcNow(), entropy);
    }

    /// <summary>What others have taken over meanwhile is theirs; the rest is written with what the round says of the endpoint.</summary>
    private async Task WriteAsync(LedgerPartition partition, WebhookEndpoint endpoint, List<Attempt> attempts, CancellationToken cancel)
    {
        for (var tries = 0; attempts.Count > 0 && tries < TriesMax; tries++)
        {
            if (await directory.ReadAsync(partition, endpoint.Id, cancel) is not { State: not EndpointState.Deleted } current) return;
            var changed = Disabled(current.After([.. attempts.Select(each => each.Outcome)], clock.GetUtcNow()), attempts);
            RowWrite[] head = changed == current ? [] : [RowWrite.Replace(WebhookRows.Endpoint(current.Id), changed.ToColumns(), current.ETag)];
            var result = await store.CommitAsync(TableNames.Webhooks, partition.Key, [.. attempts.Select(each => RowWrite.Delete(each.Lease.Key, each.Lease.ETag)), .. attempts.SelectMany(each => Writes(endpoint.Id, each.Outcome.Record)), .. head], cancel);
            if (result.Applied) return;
            if (result.WriteIndex < attempts.Count) attempts.RemoveAt(result.WriteIndex);
        }
    }

    private static IEnumerable<RowWrite> Writes(string endpoint, DeliveryRecord record)
    {
        yield return RowWrite.Upsert(WebhookRows.Record(endpoint, record.Event), record.ToColumns());
        if (record.DueAt is { } due) yield return RowWrite.Insert(WebhookRows.Waiting(endpoint, due, record.Event), record.ToColumns());
    }

    /// <summary>
    /// One event that it cannot take is no reason to tell it nothing more: only if no other was delivered while that was tried. That it is wanted less now is
    /// written down with the notice.
    /// </summary>
    private static WebhookEndpoint Disabled(WebhookEndpoint endpoint, IReadOnlyList<Attempt> round)
    {
        if (!endpoint.IsEnabled) return endpoint;
        if (round.Any(each => each.Outcome.IsGone)) return endpoint with { State = EndpointState.DisabledGone, IsNoticeDue = true };
        var isDead = round.Any(each => each.Outcome.IsExhausted && each.Outcome.Record.Created > endpoint.SucceededAt);
        return isDead ? endpoint with { State = EndpointState.DisabledFailing, IsNoticeDue = true } : endpoint;
    }

    private sealed record Lease(string Key, string ETag, DeliveryRecord Record);

    private sealed record Attempt(Lease Lease, AttemptOutcome Outcome);
}
