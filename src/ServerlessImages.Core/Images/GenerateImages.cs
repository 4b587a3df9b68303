using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>The main job: price, hold, draw, check, store, settle. Every path that does not reach the settlement gives the money back.</summary>
/// <remarks>What is expected to take long runs as a job from the start: should this process not live to its end, another draws it, and its caller finds it under the id that it was told.</remarks>
public sealed class GenerateImages(Abuse.BlockList blocked, Quotes quotes, OpenRequest open, DrawImages draw, AccountLedger ledger, JobLedger jobs, JobOrders orders, ExpectedTimes times, GenerationOptions options, JobOptions jobOptions)
{
    /// <param name="requestId">Becomes the hold's id, unless its write is lost or an earlier request answers: the answer has the id that counts.</param>
    /// <param name="connection">
    /// Ends only the waiting for an earlier request. From the hold on, the work ends at its own deadline, never with the caller's connection: a hang-up wastes
    /// no paid image.
    /// </param>
    public async Task<Result<Generation>> RunAsync(Caller caller, string requestId, ImageOrder order, IGenerationListener listener, CancellationToken connection)
    {
        if (blocked.Refuse(order.Request.Prompt) is { } refusal) return await open.FindAnswerAsync(caller, order, connection) ?? refusal;
        if (!(await quotes.PriceAsync(caller, order, connection)).TryGet(out var priced, out var error)) return await open.FindAnswerAsync(caller, order, connection) ?? error;

        var claim = await ClaimAsync(caller, order);
        var opened = await open.RunAsync(caller, requestId, order, priced, listener, connection, claim);
        var isHeld = opened.TryGet(out var request, out error) && request.Hold is not null;
        if (claim is not null && !isHeld) await orders.DropAsync(caller.Partition, claim.Order);
        if (request is null) return error!;
        if (request.Replay is { } replay) return replay with { Adopted = request.Adopted };

        var hold = request.Hold!;
        listener.OnBegun(hold.Hold.Id, hold);
        var drawn = hold.Hold.IsJob ? await DrawJobAsync(caller, hold, order, priced, listener) : await draw.RunAsync(caller.Partition, caller.Plan, hold, order, priced, listener);
        if (!drawn.TryGet(out var drawing, out error)) return error;

        // Should the hold have expired meanwhile: under a key the images can be fetched, without one only this caller can get them.
        var mayBeLate = order.IdempotencyKey is not null || !connection.IsCancellationRequested;
        return await SettleAsync(caller, hold, drawing, mayBeLate);
    }

    private async Task<JobClaim?> ClaimAsync(Caller caller, ImageOrder order)
    {
        if (!caller.Key.Livemode || await times.OfAsync(order.Request, CancellationToken.None) <= jobOptions.CallsFrom) return null;
        var stored = await orders.PutAsync(caller.Partition, order, CancellationToken.None);
        return new JobClaim(stored, caller.Plan.MarkupBasisPoints, options.Deadline + options.HoldMargin);
    }

    /// <summary>Draws here what is a job. Another worker may have it by now, if this process stood still: then that one ends it.</summary>
    private async Task<Result<Drawing>> DrawJobAsync(Caller caller, OpenHold hold, ImageOrder order, PricedOrder priced, IGenerationListener listener)
    {
        var drawn = await draw.TryAsync(caller.Partition, caller.Plan, hold, order, priced, listener, hold.Hold.HeldAt, attempt: 1);
        if (drawn.Result.TryGet(out var drawing, out var error)) return drawing;

        drawn.CountWaste(caller.Partition, hold);
        try
        {
            var ended = await jobs.EndAsync(caller.Partition, hold, job => job is { Attempt: 1, State: JobState.Running }, drawn.Close(hold, error), drawn.Refusals);
            if (ended is null or { IsCharge: true }) error = ApiError.StillGenerating(hold.Hold.Id);
        }
        catch (LedgerUnavailableException)
        {
            // When its lease is over, it is drawn again, or given back.
        }

        await DropAsync(caller, hold);
        drawn.Fault?.Throw();
        return error;
    }

    private Task DropAsync(Caller caller, OpenHold hold) => hold.Job is { } job ? orders.DropAsync(caller.Partition, job.Order) : Task.CompletedTask;

    private async Task<Result<Generation>> SettleAsync(Caller caller, OpenHold hold, Drawing drawing, bool mayBeLate)
    {
        try
        {
            var settled = await ledger.SettleAsync(caller.Partition, hold, drawing.Result.Charge, drawing.Result.Close(hold.Hold), mayBeLate, drawing.Refusals);
            await DropAsync(caller, hold);
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

/// <summary>Where nobody waits for what happens.</summary>
public sealed class SilentListener : IGenerationListener
{
    public static SilentListener Instance { get; } = new();

    public void OnBegun(string requestId, OpenHold? hold)
    {
    }

    public ValueTask OnPartialAsync(PartialImage partial) => ValueTask.CompletedTask;
}
