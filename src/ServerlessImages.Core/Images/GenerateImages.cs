using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>The main job: price, hold, draw, check, store, settle. Every path that does not reach the settlement gives the money back.</summary>
public sealed class GenerateImages(PriceBook prices, AccountLedger ledger, IImageModel model, ImageResults results, Peppers peppers, TimeProvider clock, GenerationOptions options)
{
    /// <param name="requestId">Becomes the hold's id, unless its write is lost: the answer has the id that counts.</param>
    /// <remarks>
    /// Takes no cancellation token on purpose: from the hold on, the work ends at its own deadline, never with the caller's connection. A hang-up wastes no paid image.
    /// </remarks>
    public async Task<Result<Generation>> RunAsync(Caller caller, string requestId, ImageRequest request, IGenerationListener listener)
    {
        if (!prices.PriceOf(request.Model, clock.GetUtcNow()).TryGet(out var price, out var error)) return error;

        var rate = price.For(caller.Plan.Markup);
        if (!rate.Quote(request).TryGet(out var quote, out error)) return error;

        var held = await ledger.HoldAsync(caller.Partition, HoldRequest(caller, requestId, request, quote));
        if (!held.TryGet(out var hold, out error)) return error;

        listener.OnHeld(hold);
        var drawn = await DrawAsync(caller, hold, request, rate, quote, listener);
        if (!drawn.TryGet(out var drawing, out error)) return error;

        return await SettleAsync(caller, hold, drawing);
    }

    /// <summary>From the hold to the stored result. Voids the hold on every failure, so that only a stored result is settled.</summary>
    private async Task<Result<Drawing>> DrawAsync(Caller caller, OpenHold hold, ImageRequest request, Rate rate, Quote quote, IGenerationListener listener)
    {
        using var deadline = new CancellationTokenSource(options.Deadline, clock);
        var upstreamCost = Money.Zero;
        try
        {
            var startedAt = clock.GetTimestamp();
            var generated = await model.GenerateAsync(Call(caller, hold, request), listener.OnPartialAsync, deadline.Token);
            var upstreamTime = clock.GetElapsedTime(startedAt);
            if (!generated.TryGet(out var answer, out var error)) return await VoidAsync(caller, hold, error, upstreamCost);

            var delivered = DeliveredImages.Of(request, answer);
            var charge = rate.Charge(request, quote, delivered.Delivery);
            upstreamCost = charge.UpstreamCost;
            if (delivered.Images.Count == 0) return await VoidAsync(caller, hold, ApiError.NoUsableImage($"{answer.Deployment} returned {answer.Images.Count} images, none usable"), upstreamCost);

            var result = Result(request, answer, delivered, charge, quote);
            await results.StoreAsync(caller.Partition, hold.Hold.Id, result, delivered.Images, deadline.Token);
            return new Drawing(result, delivered.Images, charge, answer.Deployment, upstreamTime);
        }
        catch
        {
            // Not handled here, only not paid for by the caller: the fault itself goes on to the edge.
            await VoidAsync(caller, hold, ApiError.ServerError, upstreamCost);
            throw;
        }
    }

    private async Task<Result<Generation>> SettleAsync(Caller caller, OpenHold hold, Drawing drawing)
    {
        var closed = new ClosedRequest(
            hold.Hold.Request, hold.Hold.Quote, hold.Hold.Rail, hold.Hold.HeldAt, drawing.Charge.UpstreamCost, drawing.Images.Count, drawing.Result.Usage, drawing.Deployment, ErrorCode: "");
        try
        {
            var settled = await ledger.SettleAsync(caller.Partition, hold, drawing.Charge.Amount, closed);
            return settled.TryGet(out _, out var error) ? new Generation(hold.Hold.Id, drawing.Result, drawing.Images, drawing.UpstreamTime) : error;
        }
        catch (LedgerUnavailableException cause)
        {
            // The charge may yet be applied, so no answer may make a client send the request again.
            return ApiError.StillGenerating(hold.Hold.Id) with { Cause = cause.Message };
        }
    }

    private async Task<ApiError> VoidAsync(Caller caller, OpenHold hold, ApiError error, Money upstreamCost)
    {
        try
        {
            await ledger.VoidAsync(caller.Partition, hold, hold.Hold.Close(upstreamCost, error.Code));
        }
        catch (LedgerUnavailableException)
        {
            // The sweeper gives it back later: nothing is charged either way.
        }

        return error;
    }

    private HoldRequest HoldRequest(Caller caller, string requestId, ImageRequest request, Quote quote) =>
        new(requestId, quote.Amount, caller.Plan, options.Deadline + options.HoldMargin, new RequestSummary(
            RequestFingerprint.Generation,
            caller.Key.Id,
            request.Model.Id,
            request.Count,
            request.Size?.ToString() ?? "auto",
            request.Quality.ToWire(),
            request.Format.ToWire(),
            quote.PriceVersion,
            RequestFingerprint.Of(RequestFingerprint.Generation, request)));

    private ImageCall Call(Caller caller, OpenHold hold, ImageRequest request) =>
        new(hold.Hold.Id, request, request.EndUser is { } endUser ? peppers.SafetyIdentifier(caller.Account.Id, endUser) : null);

    private ImageResult Result(ImageRequest request, GeneratedImages answer, DeliveredImages delivered, Charge charge, Quote quote) =>
        new(
            clock.GetUtcNow(),
            delivered.Delivery.Size,
            delivered.Delivery.Quality,
            answer.Background ?? request.Background,
            request.Format,
            answer.Usage,
            charge.Amount,
            quote,
            [.. delivered.Images.Select(StoredImage.Of)]);

    private sealed record Drawing(ImageResult Result, IReadOnlyList<ReadOnlyMemory<byte>> Images, Charge Charge, string Deployment, TimeSpan UpstreamTime);
}

/// <summary>Images that are stored and paid for.</summary>
/// <param name="UpstreamTime">How long the upstream took, of the whole.</param>
public sealed record Generation(string RequestId, ImageResult Result, IReadOnlyList<ReadOnlyMemory<byte>> Images, TimeSpan UpstreamTime);

/// <summary>Learns what happens while a request runs. Must not throw: the work does not depend on who listens.</summary>
public interface IGenerationListener
{
    /// <summary>From now on the request has its id, its quote and its place in the rate limit.</summary>
    void OnHeld(OpenHold hold);

    /// <summary>Called in order; the next image is not read before the task ends.</summary>
    ValueTask OnPartialAsync(PartialImage partial);
}
