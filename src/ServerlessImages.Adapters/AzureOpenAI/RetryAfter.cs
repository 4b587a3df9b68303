using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.Http.Headers;

namespace ServerlessImages.AzureOpenAI;

/// <summary>When the upstream will take requests again, from <c>retry-after-ms</c> or <c>retry-after</c> (seconds or a date).</summary>
internal static class RetryAfter
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    /// <returns>1 s to 10 min, or null if the upstream does not say.</returns>
    public static TimeSpan? Read(PipelineResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.TryGetValue("retry-after-ms", out var milliseconds) && Number(milliseconds) is { } count) return Bounded(count / 1000);
        if (!headers.TryGetValue("retry-after", out var text)) return null;
        if (Number(text) is { } seconds) return Bounded(seconds);
        return RetryConditionHeaderValue.TryParse(text, out var value) && value.Date is { } date ? Bounded((date - now).TotalSeconds) : null;
    }

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static TimeSpan Bounded(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, Least.TotalSeconds, Most.TotalSeconds));
}
