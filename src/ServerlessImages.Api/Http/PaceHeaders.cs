using System.Globalization;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Http;

/// <summary>Where the account's rate limit stands, on answers and on refusals.</summary>
internal static class PaceHeaders
{
    public static void AddTo(HttpResponse response, Pace pace)
    {
        var reset = Math.Ceiling(pace.Reset.TotalSeconds);
        response.Headers["x-ratelimit-limit-requests"] = pace.RequestsPerMinute.ToString(CultureInfo.InvariantCulture);
        response.Headers["x-ratelimit-remaining-requests"] = pace.Remaining.ToString(CultureInfo.InvariantCulture);
        response.Headers["x-ratelimit-reset-requests"] = string.Create(CultureInfo.InvariantCulture, $"{(int)reset / 60}m{(int)reset % 60}s");
        response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";r={pace.Remaining};t={reset}");
    }
}
