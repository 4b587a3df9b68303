using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerlessImages.Tests.Webhooks;

/// <summary>A customer's server on this machine.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<Received> messages = Channel.CreateUnbounded<Received>();
    private int count;

    private Receiver(WebApplication app) => this.app = app;

    public string Url => app.Urls.Single() + "/hook";

    public int Count => count;

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.app.MapPost("/hook", receiver.TakeAsync);
        await receiver.app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public async Task<Received> NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        return await messages.Reader.ReadAsync(patience.Token);
    }

    /// <summary>What has come and was not taken yet.</summary>
    public IEnumerable<Received> Rest()
    {
        while (messages.Reader.TryRead(out var each)) yield return each;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        Interlocked.Increment(ref count);
        await messages.Writer.WriteAsync(new Received(request.Headers["webhook-id"].ToString(), request.Headers["webhook-timestamp"].ToString(), request.Headers["webhook-signature"].ToString(), text));
        return Results.Ok();
    }
}

internal sealed record Received(string Id, string Timestamp, string Signature, string Text)
{
    public JsonElement Body { get; } = JsonSerializer.Deserialize<JsonElement>(Text);
}
