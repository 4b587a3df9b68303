using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

internal sealed record RecordedRequest(string Target, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A server on loopback that answers as the test scripts it, and remembers what it was asked.</summary>
internal sealed class UpstreamStub : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<RecordedRequest> requests = new();
    private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private UpstreamStub(WebApplication app) => this.app = app;

    public IReadOnlyList<RecordedRequest> Requests => [.. requests];

    /// <summary>The body of the only request.</summary>
    public string Body => requests.Single().Body;

    public Uri Address => new(app.Urls.Single());

    /// <summary>When the first request has arrived, body and all.</summary>
    public Task Arrived => arrived.Task;

    /// <summary>When a connection was closed from the other end.</summary>
    public Task Aborted => aborted.Task;

    public static async Task<UpstreamStub> StartAsync(RequestDelegate answer, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var stub = new UpstreamStub(builder.Build());
        stub.app.Run(context => stub.AnswerAsync(context, answer));
        await stub.app.StartAsync(cancel);
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate answer)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        requests.Enqueue(new(context.Request.Path + context.Request.QueryString, headers, body));
        context.RequestAborted.Register(() => aborted.TrySetResult());
        arrived.TrySetResult();
        await answer(context);
    }
}
