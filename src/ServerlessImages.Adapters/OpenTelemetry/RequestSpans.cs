using System.Diagnostics;
using OpenTelemetry.Instrumentation.AspNetCore;

namespace ServerlessImages.OpenTelemetry;

/// <summary>The span of each HTTP request, without what its caller wrote: a path can be a signed address, a query hold a key, a host or agent be any words.</summary>
internal static class RequestSpans
{
    private static readonly string[] CallersWords = ["url.path", "url.query", "url.full", "user_agent.original", "server.address", "server.port", "client.address", "http.request.method_original"];

    public static void Configure(AspNetCoreTraceInstrumentationOptions options)
    {
        options.Filter = http => !http.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase);
        options.EnrichWithHttpRequest = (span, _) => Strip(span);
        options.EnrichWithHttpResponse = (span, _) => Strip(span);
    }

    private static void Strip(Activity span)
    {
        foreach (var name in CallersWords) span.SetTag(name, null);
    }
}
