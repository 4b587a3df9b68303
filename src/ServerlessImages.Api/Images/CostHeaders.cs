using System.Globalization;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>What a call's headers say about its money and its pace.</summary>
internal static class CostHeaders
{
    /// <summary>As soon as money is held: the id that counts from now on, and the true state of the rate limit.</summary>
    public static void AddHold(HttpContext http, OpenHold hold)
    {
        http.Call().RequestId = hold.Hold.Id;
        if (hold.Pace is not { } pace) return;

        var headers = http.Response.Headers;
        var reset = Math.Ceiling(pace.Reset.TotalSeconds);
        headers["x-ratelimit-limit-requests"] = pace.RequestsPerMinute.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-remaining-requests"] = pace.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-reset-requests"] = string.Create(CultureInfo.InvariantCulture, $"{(int)reset / 60}m{(int)reset % 60}s");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";r={pace.Remaining};t={reset}");
    }

    public static void AddQuote(HttpContext http, OpenHold hold) => http.Response.Headers["x-quote-usd"] = hold.Hold.Quote.ToString();

    public static void AddCost(HttpContext http, Generation generation, TimeProvider clock)
    {
        http.Response.Headers["x-cost-usd"] = generation.Result.Charge.ToString();
        http.Response.Headers["x-overhead-ms"] = OverheadMs(http, generation, clock).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Our own share of the call's time: all of it less the upstream's.</summary>
    public static long OverheadMs(HttpContext http, Generation generation, TimeProvider clock)
    {
        var ours = clock.GetElapsedTime(http.Call().StartedAt) - generation.UpstreamTime;
        return Math.Max(0, (long)ours.TotalMilliseconds);
    }
}
