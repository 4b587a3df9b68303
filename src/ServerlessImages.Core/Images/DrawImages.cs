using System.Runtime.ExceptionServices;
using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Deployments;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>From the hold to the stored result, so that only a stored result is ever settled.</summary>
public sealed class DrawImages(AccountLedger ledger, FanOut model, ImageResults results, ExpectedTimes times, Peppers peppers, Ladder ladder, StruckAccounts struck, TimeProvider clock, GenerationOptions options)
{
    /// <summary>The rest of the time is for storing what came, so that some images of several are not lost to those that did not come.</summary>
    private const double DrawingShare = 0.95;

    /// <summary>Draws, and voids the hold on every failure.</summary>
    public async Task<Result<Drawing>> RunAsync(LedgerPartition partition, Plan plan, OpenHold hold, ImageOrder order, PricedOrder priced, IGenerationListener listener)
    {
        // Counted from the hold, which the sweeper counts from too.
        var drawn = await TryAsync(partition, plan, hold, order, priced, listener, hold.Hold.HeldAt, attempt: 1);
        if (drawn.Result.TryGet(out var drawing, out var error)) return drawing;

        await VoidAsync(partition, hold, drawn, error);
        drawn.Fault?.Throw();
        return error;
    }

    /// <summary>Draws, and leaves the hold to whoever asked.</summary>
    /// <param name="startedAt">From when on its time is counted.</param>
    /// <param name="attempt">At a job; else 1.</param>
    public async Task<Drawn> TryAsync(LedgerPartition partition, Plan plan, OpenHold hold, ImageOrder order, PricedOrder priced, IGenerationListener listener, DateTimeOffset startedAt, int attempt)
    {
        var left = startedAt + options.Deadline - clock.GetUtcNow();
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var drawing = new CancellationTokenSource(left > TimeSpan.Zero ? left * DrawingShare : TimeSpan.Zero, clock);
        var call = Call(partition, plan, hold, order);
        var upstreamCost = Money.Zero;
        var usable = 0;
        try
        {
            var began = clock.GetTimestamp();
            var generated = await model.GenerateAsync(call, listener.OnPartialAsync, drawing.Token);
            var upstreamTime = clock.GetElapsedTime(began);
            if (call.Attempts.Strike is not null) await struck.NoteAsync(partition);
            if (!generated.TryGet(out var answer, out var error)) return Failed(error);

            var delivered = DeliveredImages.Of(order.Request, answer);
            var charge = priced.Rate.Charge(order.Request, priced.Quote, delivered.Delivery);
            upstreamCost = charge.UpstreamCost;
            usable = delivered.Images.Count;
            Waste(partition, hold, answer.Images.Count - usable, "unusable");
            if (delivered.Images.Count == 0) return Failed(ApiError.NoUsableImage($"{answer.Deployment} returned {answer.Images.Count} images, none usable"));

            var result = Result(call, answer, delivered, charge, priced.Quote) with { Attempt = attempt };
            var stored = await results.StoreAsync(partition, hold.Hold.Id, result, delivered.Images, deadline.Token);
            var images = ReferenceEquals(stored, result) ? delivered.Images : await OthersAsync(partition, hold, stored, usable, deadline.Token);
            if (call.Livemode) NoteTimes(call);
            return new Drawn(new Drawing(stored, images, upstreamTime) { Refusals = RefusalsOf(plan, call) }, upstreamCost, usable, call.Attempts.ToString());
        }
        catch (OperationCanceledException) when (drawing.IsCancellationRequested)
        {
            return Failed(ApiError.UpstreamTimedOut("the deadline ended before the images were stored"));
        }
#pragma warning disable CA1031 // Not handled here, only not paid for by the caller: the fault itself goes on to the edge.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return Failed(ApiError.ServerError) with { Fault = ExceptionDispatchInfo.Capture(fault) };
        }

        Drawn Failed(ApiError error) => new(error, upstreamCost, usable, call.Attempts.ToString()) { Refusals = RefusalsOf(plan, call) };
    }

    /// <summary>Another attempt at the same job was first: what it stored is what is charged and delivered.</summary>
    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> OthersAsync(LedgerPartition partition, OpenHold hold, ImageResult stored, int ours, CancellationToken cancel)
    {
        Waste(partition, hold, ours, "drawn_twice");
        return await results.ReadAsync(partition, hold.Hold.Id, stored, cancel) ?? throw new Storage.StoreUnavailableException("The result that is stored is not whole.");
    }

    /// <summary>Each call that was answered, without what was waited for before it. Nobody waits for this.</summary>
    private void NoteTimes(ImageCall call)
    {
        foreach (var attempt in AttemptLog.Parse(call.Attempts.ToString()).Where(each => each.End == AttemptEnd.Answered)) _ = times.NoteAsync(call.Request, attempt.Duration, CancellationToken.None);
    }

    private async Task VoidAsync(LedgerPartition partition, OpenHold hold, Drawn drawn, ApiError error)
    {
        try
        {
            var entry = await ledger.VoidAsync(partition, hold, drawn.Close(hold, error), drawn.Refusals);

            // Had it expired before, its images were counted then.
            if (entry.Type == EntryType.Void) drawn.CountWaste(partition, hold);
        }
        catch (LedgerUnavailableException)
        {
            // The sweeper gives it back later: nothing is charged either way.
        }
    }

    private Refusals? RefusalsOf(Plan plan, ImageCall call) => call.Attempts.Strike is { } strike ? new(strike, ladder.For(plan.Name)) : null;

    private ImageCall Call(LedgerPartition partition, Plan plan, OpenHold hold, ImageOrder order) =>
        new(hold.Hold.Id, order.Request, order.EndUser is { } endUser ? peppers.SafetyIdentifier(partition.Account, endUser) : null, new FairShare(partition.Account, plan.QueueWeight))
        {
            Livemode = partition.Livemode,
            OnProbation = hold.Hold.OnProbation,
            RefusalAsync = cancel => struck.RefusalAsync(partition, cancel),
        };

    internal static void Waste(LedgerPartition partition, OpenHold hold, int images, string reason)
    {
        if (images > 0 && partition.Livemode) Telemetry.ImagesWasted.Add(images, KeyValuePair.Create<string, object?>("model", hold.Hold.Request.Model), KeyValuePair.Create<string, object?>("reason", reason));
    }

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

/// <summary>What came of drawing.</summary>
/// <param name="UpstreamCost">As far as known, also where nothing came of it.</param>
/// <param name="Usable">How many good images came; where it failed, they are lost with it.</param>
/// <param name="Attempts">The calls upstream, as <c>AttemptLog</c> writes them.</param>
public sealed record Drawn(Result<Drawing> Result, Money UpstreamCost, int Usable, string Attempts)
{
    /// <summary>What of it the content filter refused; null for nothing.</summary>
    public Refusals? Refusals { get; init; }

    /// <summary>Where it failed on our side: for the edge.</summary>
    public ExceptionDispatchInfo? Fault { get; init; }

    /// <summary>How the request ends without images.</summary>
    public ClosedRequest Close(OpenHold hold, ApiError error) => hold.Hold.Close(UpstreamCost, error.Code) with { Attempts = Attempts };

    public void CountWaste(LedgerPartition partition, OpenHold hold) => DrawImages.Waste(partition, hold, Usable, "not_stored");
}
