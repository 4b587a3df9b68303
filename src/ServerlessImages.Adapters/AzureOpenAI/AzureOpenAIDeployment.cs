using System.ClientModel;
using System.ClientModel.Primitives;
using Azure.AI.OpenAI;
using Azure.Core;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>
/// One deployment, and the SDK's pipeline to it: authentication, user agent and client request id are the SDK's, the request and the
/// reading of the answer are ours. Not <c>ImageClient</c>: version 2.1.0 does not know the current parameters, and its protocol methods
/// return an empty stream when they do not buffer.
/// </summary>
internal sealed class AzureOpenAIDeployment
{
    private readonly AzureOpenAIClient client;
    private readonly Uri generations;
    private readonly Uri edits;

    public AzureOpenAIDeployment(AzureOpenAIDeploymentOptions options, HttpClient http, Func<AzureOpenAIDeploymentOptions, TokenCredential> credential)
    {
        Options = options;
        generations = new Uri(Address(options, "generations"));
        edits = new Uri(Address(options, "edits"));
        var endpoint = options.Endpoint ?? throw new ArgumentException("The deployment has no endpoint.", nameof(options));
        client = options.ApiKey is { Length: > 0 } key
            ? new AzureOpenAIClient(endpoint, new ApiKeyCredential(key), Settings(options, http))
            : new AzureOpenAIClient(endpoint, credential(options), Settings(options, http));
    }

    public AzureOpenAIDeploymentOptions Options { get; }

    public string Name => Options.Name;

    /// <summary>Sends once. Every status is an answer; its body has not been read.</summary>
    /// <exception cref="UpstreamBrokenException">There was no answer.</exception>
    public async Task<PipelineResponse> SendAsync(UpstreamBody body, CancellationToken cancel)
    {
        using var message = client.Pipeline.CreateMessage();
        message.Apply(new RequestOptions { CancellationToken = cancel });
        message.BufferResponse = false;
        message.Request.Method = "POST";
        message.Request.Uri = body.Operation == ImageOperation.Edit ? edits : generations;
        message.Request.Headers.Set("Content-Type", body.ContentType);

        // Not text/event-stream: from System.ClientModel 1.16 on, its pipeline takes that as leave to follow redirects by itself: more requests, more bills.
        message.Request.Headers.Set("Accept", "*/*");
        message.Request.Content = body.Content;
        try
        {
            await client.Pipeline.SendAsync(message);
        }
        catch (ClientResultException exception)
        {
            throw new UpstreamBrokenException("No answer: " + exception.Message, exception) { WasSent = !IsBeforeConnection(exception) };
        }
        catch (OperationCanceledException exception) when (!cancel.IsCancellationRequested)
        {
            throw new UpstreamBrokenException("No connection in time.", exception) { WasSent = false };
        }

        return message.ExtractResponse() ?? throw new UpstreamBrokenException("The pipeline ended without a response.");
    }

    private static bool IsBeforeConnection(Exception exception) =>
        exception.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    private static AzureOpenAIClientOptions Settings(AzureOpenAIDeploymentOptions options, HttpClient http) => new()
    {
        // The default is three retries, of time-outs too: one slow request would be billed as four images.
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),

        // The default is 100 s, for the answer and for every read of it. The request's own deadline ends the call.
        NetworkTimeout = Timeout.InfiniteTimeSpan,
        Audience = new AzureOpenAIAudience(options.Audience),
        Transport = new HttpClientPipelineTransport(http),
    };

    private static string Address(AzureOpenAIDeploymentOptions options, string operation)
    {
        var endpoint = options.Endpoint?.AbsoluteUri.TrimEnd('/');
        var path = options.Route == AzureOpenAIRoute.V1 ? "v1" : "deployments/" + Uri.EscapeDataString(options.Deployment);
        var version = options switch
        {
            { ApiVersion.Length: > 0 } => options.ApiVersion,
            { Route: AzureOpenAIRoute.Deployment } => AzureOpenAIDeploymentOptions.DatedApiVersion,
            _ => null,
        };
        return $"{endpoint}/openai/{path}/images/{operation}{(version is null ? "" : "?api-version=" + version)}";
    }
}
