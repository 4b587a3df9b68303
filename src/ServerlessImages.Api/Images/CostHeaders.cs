using System.Globalization;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>What a call's headers say about its money and its pace.</summary>
internal static class CostHeaders
{
    /// <summary>Once the request has begun: the id that counts, its quote, and the true state of the rate limit.</summary>
    public static void AddBegun(HttpContext http, GenerationProgress progress)
    {
        if (!progress.Begun.IsCompletedSuccessfully) return;

        var begun = progress.Begun.Result;
        http.Call().RequestId = begun.RequestId;
        if (begun.Hold is { } hold) AddHeld(http, hold);
    }

    public static void AddHeld(HttpContext http, OpenHold hold)
    {
        http.Response.Headers["x-quote-usd"] = hold.Hold.Quote.ToString();
        if (hold.Pace is { } pace) PaceHeaders.AddTo(http.Response, pace);
    }

    /// <summary>What it cost and how many images it brought, of how many: there may be fewer than were asked for.</summary>
    public static void AddCost(HttpContext http, ImageOrder order, Generation generation, TimeProvider clock)
    {
        http.Response.Headers["x-images-requested"] = order.Request.Count.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["x-images-delivered"] = generation.Images.Count.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["x-cost-usd"] = generation.Result.Charge.ToString();
        http.Response.Headers["x-overhead-ms"] = MeasureOverheadMs(http, generation, clock).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Our own share of the call's time: all of it less the upstream's. Call it once.</summary>
    public static long MeasureOverheadMs(HttpContext http, Generation generation, TimeProvider clock)
    {
        var all = clock.GetElapsedTime(http.Call().StartedAt);
        var ours = all > generation.UpstreamTime ? all - generation.UpstreamTime : TimeSpan.Zero;

        // A replay waits for another request's upstream, whose time it does not know.
        if (generation.UpstreamTime > TimeSpan.Zero) CallTelemetry.Overhead(http, ours);
        return (long)ours.TotalMilliseconds;
    }
}
