using System.Diagnostics;
using ServerlessImages.Images;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// Tells what became of money. Called once for each hold and entry, by the operation that wrote it, as soon as it is known to be stored: not by those that only
/// find it, so that repeats, replays and other instances add nothing.
/// </summary>
internal static class LedgerTelemetry
{
    private const string Model = "model";

    public static void Held(Hold hold) => Telemetry.MoneyHeld.Add(hold.Quote.Micros);

    public static void Closed(LedgerEntry entry)
    {
        if (entry.Request is not { } request) return;

        var model = KeyValuePair.Create<string, object?>(Model, request.Summary.Model);
        if (entry.IsCharge)
        {
            Telemetry.MoneySettled.Add(entry.Amount.Micros);
            Telemetry.Images.Add(request.Images, model);
            return;
        }

        Telemetry.MoneyVoided.Add(request.Quote.Micros);
        if (entry.Type != EntryType.Expire) return;

        // Its process is gone, and nobody knows how many were drawn: at most all of them.
        Telemetry.HoldsExpired.Add(1);
        Telemetry.ImagesWasted.Add(request.Summary.Count, model, KeyValuePair.Create<string, object?>("reason", "hold_expired"));
    }

    public static void Struck(Abuse.Strike strike, Abuse.LadderStep? reached)
    {
        Telemetry.Strikes.Add(strike.Calls, KeyValuePair.Create<string, object?>("stage", strike.Details.Stage));
        if (reached is not null) Telemetry.LadderSteps.Add(1, KeyValuePair.Create<string, object?>("rung", reached.Rung.ToWire()));
    }

    public static void Taken(LedgerOperation operation, TimeProvider clock)
    {
        Telemetry.LedgerQueueDepth.Add(-1);
        if (operation.WasTaken) return;
        operation.WasTaken = true;
        if (Telemetry.LedgerQueueWait.Enabled) Telemetry.LedgerQueueWait.Record(clock.GetElapsedTime(operation.QueuedAt).TotalSeconds);
    }

    /// <summary>One transaction serves several requests: its span is in the trace of the first, and has a link to each.</summary>
    /// <returns>Null where nobody listens, or no request waits for it.</returns>
    public static Activity? StartTransaction(IReadOnlyList<LedgerOperation> batch)
    {
        if (!Telemetry.Source.HasListeners()) return null;
        var requests = batch.Select(operation => operation.Caller).Where(caller => caller != default).ToArray();
        if (requests.Length == 0) return null;

        var span = Telemetry.Source.StartActivity("ledger transaction", ActivityKind.Internal, requests[0], links: requests.Select(request => new ActivityLink(request)));
        return span?.SetTag("operations", batch.Count);
    }
}
