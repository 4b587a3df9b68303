using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ServerlessImages.FunctionsHost.StandIn;

/// <summary>How the Functions host hands a request on: to the first function that fits, streamed, and again where it has no body and no answer came.</summary>
internal sealed class Proxy(RouteTable routes) : IDisposable
{
    private const int TriesMax = 10;
    private static readonly string[] OfOneConnection = ["Connection", "Host", "Keep-Alive", "Transfer-Encoding", "Upgrade"];
    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
    private int answersToLose;

    public Supervisor Handler { get; set; } = null!;

    /// <summary>How often a request was handed to the handler.</summary>
    public int Sent => sent;

    private int sent;

    /// <summary>The next answers break off after the handler has done all its work.</summary>
    public void LoseAnswers(int count) => answersToLose = count;

    public async Task HandleAsync(HttpContext context)
    {
        if (routes.Find(context.Request.Method, context.Request.Path) is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var answer = await SendAsync(context);
        if (answer is null) context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        else await CopyAsync(answer, context);
    }

    public void Dispose() => http.Dispose();

    /// <returns>Null when the host would answer a bare 500.</returns>
    private async Task<HttpResponseMessage?> SendAsync(HttpContext context)
    {
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody && context.Request.ContentLength != 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var message = Message(context, (await Handler.Serving.WaitAsync(context.RequestAborted)).Address, hasBody ? await BodyAsync(context) : null);
                Interlocked.Increment(ref sent);
                var answer = await http.SendAsync(message, context.RequestAborted);
                if (Interlocked.Decrement(ref answersToLose) < 0) return answer;
                await answer.Content.LoadIntoBufferAsync(context.RequestAborted);
                answer.Dispose();
                throw new HttpRequestException("The answer is lost.");
            }
            catch (HttpRequestException) when (hasBody || attempt == TriesMax)
            {
                return null;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 + (20 * attempt)), context.RequestAborted);
            }
        }
    }

    /// <summary>A body of known length is read whole first; a chunked one goes through as it comes.</summary>
    private static async Task<HttpContent> BodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength is null) return new StreamContent(context.Request.Body);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return new ByteArrayContent(body.ToArray());
    }

    private static HttpRequestMessage Message(HttpContext context, Uri handler, HttpContent? body)
    {
        var request = context.Request;
        var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(handler, context.Features.Get<IHttpRequestFeature>()!.RawTarget)) { Content = body };
        foreach (var (name, value) in request.Headers.Where(header => !OfOneConnection.Contains(header.Key, StringComparer.OrdinalIgnoreCase))) Add(message, name, value);

        // Whatever the caller said of these, it is overwritten.
        Set(message, "X-Forwarded-For", context.Connection.RemoteIpAddress!.ToString());
        Set(message, "X-Forwarded-Host", request.Host.Value!);
        Set(message, "X-Forwarded-Proto", request.Scheme);
        Set(message, "X-Azure-Functions-HostVersion", "4.1037.0");
        Set(message, "X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        Set(message, "x-ms-invocation-id", Guid.NewGuid().ToString());
        return message;
    }

    private static void Add(HttpRequestMessage message, string name, StringValues value)
    {
        if (!message.Headers.TryAddWithoutValidation(name, value.ToArray())) message.Content?.Headers.TryAddWithoutValidation(name, value.ToArray());
    }

    private static void Set(HttpRequestMessage message, string name, string value)
    {
        message.Headers.Remove(name);
        message.Headers.Add(name, value);
    }

    private static async Task CopyAsync(HttpResponseMessage answer, HttpContext context)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !OfOneConnection.Contains(header.Key, StringComparer.OrdinalIgnoreCase))) context.Response.Headers[name] = values.ToArray();
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            var buffer = new byte[16 * 1024];
            for (int count; (count = await body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception cause) when (cause is IOException or OperationCanceledException)
        {
            // The handler died in the middle of its answer, or the caller has gone.
            context.Abort();
        }
    }
}
