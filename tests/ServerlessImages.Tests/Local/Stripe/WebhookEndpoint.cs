using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>Takes what is announced, or does not.</summary>
internal sealed class WebhookEndpoint : IAsyncDisposable
{
    private readonly ConcurrentQueue<(JsonObject Body, string Text, string Signature)> received = new();
    private readonly WebApplication application;

    private WebhookEndpoint()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        application = builder.Build();
        application.MapPost("/", ReceiveAsync);
    }

    public Uri Url { get; private set; } = null!;

    /// <summary>How many of the next announcements are answered 500.</summary>
    public int Failures { get; set; }

    public IReadOnlyList<(JsonObject Body, string Text, string Signature)> Received => [.. received];

    /// <summary>The types of all that came, oldest first.</summary>
    public IReadOnlyList<string> Types => [.. received.Select(each => each.Body["type"]!.GetValue<string>())];

    public static async Task<WebhookEndpoint> StartAsync()
    {
        var endpoint = new WebhookEndpoint();
        await endpoint.application.StartAsync(TestContext.Current.CancellationToken);
        endpoint.Url = new(endpoint.application.Urls.Single());
        return endpoint;
    }

    /// <summary>The objects of all announcements of a type, oldest first.</summary>
    public IReadOnlyList<JsonObject> Objects(string type) => [.. received.Where(each => each.Body["type"]!.GetValue<string>() == type).Select(each => each.Body["data"]!["object"]!.AsObject())];

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync();
        received.Enqueue((JsonNode.Parse(text)!.AsObject(), text, request.Headers["Stripe-Signature"].ToString()));
        return Failures-- > 0 ? Results.StatusCode(500) : Results.Ok();
    }
}
