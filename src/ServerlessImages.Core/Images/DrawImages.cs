using ServerlessImages.Abuse;
using ServerlessImages.Deployments;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>From the hold to the stored result. Voids the hold on every failure, so that only a stored result is ever settled.</summary>
public sealed class DrawImages(AccountLedger ledger, FanOut model, ImageResults results, Peppers peppers, Ladder ladder, StruckAccounts struck, TimeProvider clock, GenerationOptions options)
{
    /// <summary>The rest of the time is for storing what came, so that some images of several are not lost to those that did not come.</summary>
    private const double DrawingShare = 0.95;

    public async Task<Result<Drawing>> RunAsync(Caller caller, OpenHold hold, ImageOrder order, PricedOrder priced, IGenerationListener listener)
    {
        // Counted from the hold, which the sweeper counts from too.
        var left = hold.Hold.HeldAt + options.Deadline - clock.GetUtcNow();
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var drawing = new CancellationTokenSource(left > TimeSpan.Zero ? left * DrawingShare : TimeSpan.Zero, clock);
        var call = Call(caller, hold, order);
        var upstreamCost = Money.Zero;
        var usable = 0;
        try
        {
            var startedAt = clock.GetTimestamp();
            var generated = await model.GenerateAsync(call, listener.OnPartialAsync, drawing.Token);
            var upstreamTime = clock.GetElapsedTime(startedAt);
            if (call.Attempts.Strike is not null) await struck.NoteAsync(caller.Partition);
            if (!generated.TryGet(out var answer, out var error)) return await VoidAsync(caller, hold, call, error, upstreamCost, usable);

            var delivered = DeliveredImages.Of(order.Request, answer);
            var charge = priced.Rate.Charge(order.Request, priced.Quote, delivered.Delivery);
            upstreamCost = charge.UpstreamCost;
            usable = delivered.Images.Count;
            Waste(call, hold, answer.Images.Count - usable, "unusable");
            if (delivered.Images.Count == 0) return await VoidAsync(caller, hold, call, ApiError.NoUsableImage($"{answer.Deployment} returned {answer.Images.Count} images, none usable"), upstreamCost, usable);

            var result = Result(call, answer, delivered, charge, priced.Quote);
            await results.StoreAsync(caller.Partition, hold.Hold.Id, result, delivered.Images, deadline.Token);
            return new Drawing(result, delivered.Images, upstreamTime) { Refusals = RefusalsOf(caller, call) };
        }
        catch (OperationCanceledException) when (drawing.IsCancellationRequested)
        {
            return await VoidAsync(caller, hold, call, ApiError.UpstreamTimedOut("the deadline ended before the images were stored"), upstreamCost, usable);
        }
        catch
        {
            // Not handled here, only not paid for by the caller: the fault itself goes on to the edge.
            await VoidAsync(caller, hold, call, ApiError.ServerError, upstreamCost, usable);
            throw;
        }
    }

    /// <param name="usable">How many good images are lost with it.</param>
    private async Task<ApiError> VoidAsync(Caller caller, OpenHold hold, ImageCall call, ApiError error, Money upstreamCost, int usable)
    {
        try
        {
            var entry = await ledger.VoidAsync(caller.Partition, hold, hold.Hold.Close(upstreamCost, error.Code) with { Attempts = call.Attempts.ToString() }, RefusalsOf(caller, call));

            // Had it expired before, its images were counted then.
            if (entry.Type == EntryType.Void) Waste(call, hold, usable, "not_stored");
        }
        catch (LedgerUnavailableException)
        {
            // The sweeper gives it back later: nothing is charged either way.
        }

        return error;
    }

    private Refusals? RefusalsOf(Caller caller, ImageCall call) => call.Attempts.Strike is { } strike ? new(strike, ladder.For(caller.Plan.Name)) : null;

    private static void Waste(ImageCall call, OpenHold hold, int images, string reason)
    {
        if (images > 0 && call.Livemode) Telemetry.ImagesWasted.Add(images, KeyValuePair.Create<string, object?>("model", hold.Hold.Request.Model), KeyValuePair.Create<string, object?>("reason", reason));
    }

    private ImageCall Call(Caller caller, OpenHold hold, ImageOrder order) =>
        new(hold.Hold.Id, order.Request, order.EndUser is { } endUser ? peppers.SafetyIdentifier(caller.Account.Id, endUser) : null, new FairShare(caller.Account.Id, caller.Plan.QueueWeight))
        {
            Livemode = caller.Key.Livemode,
            OnProbation = hold.Hold.OnProbation,
            RefusalAsync = cancel => struck.RefusalAsync(caller.Partition, cancel),
        };

    private ImageResult Result(ImageCall call, GeneratedImages answer, DeliveredImages delivered, Charge charge, Quote quote) => new(
        clock.GetUtcNow(),
        delivered.Delivery.Size,
        delivered.Delivery.Quality,
        answer.Background ?? call.Request.Background,
        call.Request.Format,
        answer.Usage,
        charge.Amount,
        quote,
        charge.UpstreamCost,
        answer.Deployment,
        [.. delivered.Images.Select(StoredImage.Of)])
    {
        Attempts = call.Attempts.ToString(),
    };
}

/// <summary>Images that are stored and not yet paid for.</summary>
/// <param name="UpstreamTime">How long the upstream took.</param>
public sealed record Drawing(ImageResult Result, IReadOnlyList<ReadOnlyMemory<byte>> Images, TimeSpan UpstreamTime)
{
    /// <summary>Of several images some may have been refused.</summary>
    public Refusals? Refusals { get; init; }
}
