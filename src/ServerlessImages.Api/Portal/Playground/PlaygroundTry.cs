using ServerlessImages.Api.Http;
using ServerlessImages.Api.Images;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Portal.Playground;

/// <summary>Quotes or draws what the form asks for, for the call's caller, as the API does.</summary>
internal sealed class PlaygroundTry(GiveQuote give, ExpectedTimes times, PlainAnswer plain, PendingAnswers pending, ImageUrls urls, TimeProvider clock)
{
    public Task<PlaygroundOutcome> RunAsync(HttpContext http, PlaygroundOrder sent) => sent.QuoteOnly ? QuoteAsync(http, sent.Order) : DrawAsync(http, sent.Order);

    private async Task<PlaygroundOutcome> QuoteAsync(HttpContext http, ImageOrder order)
    {
        // The key of the page is for the drawing: a quote under it would hold the first price that was asked for.
        var given = await give.RunAsync(http.Caller(), order with { IdempotencyKey = null }, http.RequestAborted);
        if (!given.TryGet(out var quote, out var error)) return new() { Error = error };
        return new() { Quote = new(quote.Priced.Quote.Amount, await times.OfAsync(order.Request, http.RequestAborted)) };
    }

    private async Task<PlaygroundOutcome> DrawAsync(HttpContext http, ImageOrder order)
    {
        using var incoming = new IncomingOrder(order);
        using var wait = pending.Wait(http.Caller(), http.RequestAborted);
        if (!(await plain.DrawAsync(http, incoming, wait)).TryGet(out var generation, out var error)) return new() { Error = error };

        http.Call().RequestId = generation.RequestId;
        CostHeaders.AddCost(http, order, generation, clock);
        string[] images = [.. urls.For(http.Caller(), generation).Select(url => url.PathAndQuery)];
        return new() { Drawing = new(generation.RequestId, images, generation.Result.Charge, generation.Result.Quote.Amount, http.Caller().Key.Livemode) };
    }
}

/// <summary>What became of a form: one of the first three, or nothing where none was sent.</summary>
internal sealed record PlaygroundOutcome
{
    public PlaygroundQuote? Quote { get; init; }
    public PlaygroundDrawing? Drawing { get; init; }
    public ApiError? Error { get; init; }

    /// <summary>What was asked for; null where it is none.</summary>
    public ImageRequest? Request { get; init; }
}
