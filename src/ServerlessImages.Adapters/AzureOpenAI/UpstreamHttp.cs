namespace ServerlessImages.AzureOpenAI;

/// <summary>The connections to all deployments.</summary>
internal static class UpstreamHttp
{
    public static HttpClient Create() => new(new SocketsHttpHandler
    {
        // Traces end here: a caller's trace headers, and whatever baggage comes with them, are none of the upstream's business.
        ActivityHeadersPropagator = null,

        // A redirect would be a second request, and could carry the key elsewhere.
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),

        // Connections outlive DNS answers otherwise; Azure moves resources.
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),

        // Behind the last event only the end of the stream is left to read, to use the connection again. An upstream that goes on is let go.
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(200),
        UseCookies = false,
    })
    {
        // The default is 100 s; the request's own deadline ends the call.
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
