using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>The main job: price, hold, draw, check, store, settle. Every path that does not reach the settlement gives the money back.</summary>
public sealed class GenerateImages(Abuse.BlockList blocked, Quotes quotes, OpenRequest open, DrawImages draw, AccountLedger ledger)
{
    /// <param name="requestId">Becomes the hold's id, unless its write is lost or an earlier request answers: the answer has the id that counts.</param>
    /// <param name="connection">
    /// Ends only the waiting for an earlier request. From the hold on, the work ends at its own deadline, never with the caller's connection: a hang-up wastes
    /// no paid image.
    /// </param>
    public async Task<Result<Generation>> RunAsync(Caller caller, string requestId, ImageOrder order, IGenerationListener listener, CancellationToken connection)
    {
        if (blocked.Refusal(order.Request.Prompt) is { } refusal)
        {
            Telemetry.PromptsBlocked.Add(1, KeyValuePair.Create<string, object?>("category", refusal.Moderation!.Categories[0]));
            return await open.FindAnswerAsync(caller, order, connection) ?? refusal;
        }

        if (!(await quotes.PriceAsync(caller, order, connection)).TryGet(out var priced, out var error)) return await open.FindAnswerAsync(caller, order, connection) ?? error;

        var opened = await open.RunAsync(caller, requestId, order, priced, listener, connection);
        if (!opened.TryGet(out var request, out error)) return error;
        if (request.Replay is { } replay) return replay with { Adopted = request.Adopted };

        var hold = request.Hold!;
        listener.OnBegun(hold.Hold.Id, hold);
        var drawn = await draw.RunAsync(caller, hold, order, priced, listener);
        if (!drawn.TryGet(out var drawing, out error)) return error;

        // Should the hold have expired meanwhile: under a key the images can be fetched, without one only this caller can get them.
        var mayBeLate = order.IdempotencyKey is not null || !connection.IsCancellationRequested;
        return await SettleAsync(caller, hold, drawing, mayBeLate);
    }

    private async Task<Result<Generation>> SettleAsync(Caller caller, OpenHold hold, Drawing drawing, bool mayBeLate)
    {
        try
        {
            var settled = await ledger.SettleAsync(caller.Partition, hold, drawing.Result.Charge, drawing.Result.Close(hold.Hold), mayBeLate, drawing.Refusals);
            return settled.TryGet(out _, out var error) ? new Generation(hold.Hold.Id, drawing.Result, drawing.Images, drawing.UpstreamTime) : error;
        }
#pragma warning disable CA1031 // Whatever went wrong, the charge may yet be applied: no answer may make a client send the request again.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            return ApiError.StillGenerating(hold.Hold.Id) with { Cause = cause.ToString() };
        }
    }
}

/// <summary>Images that are stored and paid for.</summary>
/// <param name="UpstreamTime">How long the upstream took, of the whole; zero for a replay.</param>
/// <param name="Adopted">The abandoned request whose answer this is, to be forgotten once it is delivered.</param>
public sealed record Generation(string RequestId, ImageResult Result, IReadOnlyList<ReadOnlyMemory<byte>> Images, TimeSpan UpstreamTime, AbandonedRequest? Adopted = null);

/// <summary>Learns what happens while a request runs. Must not throw: the work does not depend on who listens.</summary>
public interface IGenerationListener
{
    /// <summary>From now on the request has the id that counts.</summary>
    /// <param name="hold">Its quote and its place in the rate limit; null if it waits for an earlier request's answer.</param>
    void OnBegun(string requestId, OpenHold? hold);

    /// <summary>Called in order; the next image is not read before the task ends.</summary>
    ValueTask OnPartialAsync(PartialImage partial);
}
