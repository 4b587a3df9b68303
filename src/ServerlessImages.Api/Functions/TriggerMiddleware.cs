using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Functions;

/// <summary>
/// Takes the calls by which the Functions host triggers timers and queues: <c>POST /{function}</c>. No endpoints, so that nobody else sees that they exist: what
/// is not such a call goes on, and ends as an unknown path.
/// </summary>
internal sealed class TriggerMiddleware(RequestDelegate next, IReadOnlyList<FunctionDefinition> functions, RunFunction run, ErrorWriter errors)
{
    private readonly Dictionary<string, TriggeredFunction> triggered = functions.OfType<TriggeredFunction>().ToDictionary(function => "/" + function.Name, StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext http)
    {
        if (!IsFromHost(http.Request) || !triggered.TryGetValue(http.Request.Path, out var function)) await next(http);
        else if (await run.TryAsync(function, http.Request.Body, http.RequestAborted)) await AnswerAsync(http.Response);
        else await errors.WriteAsync(http, ApiError.ServerError);
    }

    /// <summary>What the host proxies for others always has these headers, and what it asks for itself never does.</summary>
    private static bool IsFromHost(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && !request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));

    /// <summary>After an answer without this body the host waits for one until <c>functionTimeout</c>, and a timer stops ticking.</summary>
    private static Task AnswerAsync(HttpResponse response)
    {
        response.ContentType = "application/json";
        return response.WriteAsync("""{"Outputs":{},"Logs":[],"ReturnValue":null}""");
    }
}
