using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>
/// Delivers an account's events to its endpoints: plans what is new, attempts what is due. At least once each, at any number of instances. Endpoints are served
/// side by side, so that none waits for another; one that does not answer is left alone for a while, so that it costs little.
/// </summary>
public sealed class DeliverEvents(WebhookDirectory directory, PendingDeliveries pending, PlanDeliveries plan, AttemptDeliveries attempt, AccountLedger ledger, IEventHints hints, TimeProvider clock)
{
    /// <summary>Then the rest is hinted at, and goes on in another run.</summary>
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(1);

    /// <summary>What comes within it is one hint.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    /// <param name="failed">Told about each endpoint that could not be served; the others are.</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked; the next run goes on.</exception>
    public async Task RunAsync(LedgerPartition partition, Action<string, Exception> failed, CancellationToken cancel)
    {
        var endpoints = await pending.EndpointsAsync(partition, cancel);
        await Task.WhenAll(endpoints.Select(each => TryServeAsync(partition, each, failed, cancel)));
    }

    private async Task TryServeAsync(LedgerPartition partition, WebhookEndpoint endpoint, Action<string, Exception> failed, CancellationToken cancel)
    {
        try
        {
            await ServeAsync(partition, endpoint, cancel);
        }
#pragma warning disable CA1031 // One bad endpoint must not keep the others waiting.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            failed(endpoint.Id, cause);
        }
    }

    private async Task ServeAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        var current = (WebhookEndpoint?)endpoint;
        while (current is { IsEnabled: true } && current.RestsUntil <= clock.GetUtcNow())
        {
            if (clock.GetElapsedTime(began) > RunMax)
            {
                hints.Hint(partition, TimeSpan.Zero);
                return;
            }

            var planned = await plan.RunAsync(partition, current, cancel);
            var round = await attempt.RunAsync(partition, planned ?? current, cancel);
            if (round.Count == 0 && planned == current) return;
            current = await directory.ReadAsync(partition, endpoint.Id, cancel);
            if (current is not null) HintAtRetry(partition, current, round);
        }

        if (current is { State: EndpointState.Deleted }) await directory.PurgeAsync(partition, current, cancel);
        if (current is { IsNoticeDue: true }) await TellAsync(partition, current, cancel);
    }

    /// <summary>What comes soon cannot wait for the sweep, which drives all else.</summary>
    private void HintAtRetry(LedgerPartition partition, WebhookEndpoint endpoint, IReadOnlyList<AttemptOutcome> round)
    {
        var now = clock.GetUtcNow();
        if (round.Select(each => each.Record.DueAt).Min() is not { } due) return;
        var next = due > endpoint.RestsUntil ? due : endpoint.RestsUntil;
        if (next - now <= SweepWebhooks.RetriesWithin) hints.Hint(partition, next - now);
        if (endpoint.RestsUntil > now && endpoint.RestsUntil + Together < next) hints.Hint(partition, endpoint.RestsUntil - now);
    }

    /// <summary>Tells the account, and with it its other endpoints, that this one gets nothing more; and then the balance, that it wants nothing.</summary>
    private async Task TellAsync(LedgerPartition partition, WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var data = JsonSerializer.SerializeToElement(new { webhook_endpoint_id = endpoint.Id, url = endpoint.Url, reason = endpoint.State == EndpointState.DisabledGone ? "gone" : "failing" });
        await ledger.AnnounceAsync(partition, new EventFact(EventTypes.EndpointDisabled, data), $"{EventTypes.EndpointDisabled}:{endpoint.Id}:{endpoint.Cursor}:{endpoint.RestsUntil.ToUnixTimeMilliseconds()}");
        await directory.ChangeAsync(partition, endpoint.Id, each => each with { IsNoticeDue = false }, cancel);
    }
}
