using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerlessImages.Tests.Storage;

/// <summary>Stands before Azurite's tables, passes every request on, and then may do something else than pass the answer back.</summary>
internal sealed class UnreliableProxy : IAsyncDisposable
{
    private readonly HttpClient http = new();
    private readonly WebApplication app;
    private readonly Uri target;
    private int requests;

    private UnreliableProxy(WebApplication app, Uri target) => (this.app, this.target) = (app, target);

    /// <summary>What to do after the request was passed on, instead of answering; null answers.</summary>
    public Func<HttpContext, Task>? Fault { get; set; }

    /// <summary>The requests received since this was last set to 0.</summary>
    public int Requests { get => requests; set => requests = value; }

    public string Address => app.Urls.Single();

    public static async Task<UnreliableProxy> StartAsync(Uri target, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var proxy = new UnreliableProxy(builder.Build(), target);
        proxy.app.Run(proxy.PassOnAsync);
        await proxy.app.StartAsync(cancel);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassOnAsync(HttpContext context)
    {
        Interlocked.Increment(ref requests);
        using var answer = await http.SendAsync(await CopyAsync(context.Request), CancellationToken.None);
        if (Fault is { } fault)
        {
            await fault(context);
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers)) context.Response.Headers[header.Key] = header.Value.ToArray();
        context.Response.Headers.Remove("Transfer-Encoding");
        await answer.Content.CopyToAsync(context.Response.Body, CancellationToken.None);
    }

    private async Task<HttpRequestMessage> CopyAsync(HttpRequest request)
    {
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var copy = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(target, request.Path.ToUriComponent() + request.QueryString)) { Content = new ByteArrayContent(body.ToArray()) };
        foreach (var header in request.Headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Connection")))
        {
            if (!copy.Headers.TryAddWithoutValidation(header.Key, [.. header.Value])) copy.Content.Headers.TryAddWithoutValidation(header.Key, [.. header.Value]);
        }

        return copy;
    }
}
