using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Logging;
using ServerlessImages.Deployments;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>The deployments of the configuration, each with its own pipeline.</summary>
/// <remarks>One request upstream per call, whatever happens: each may be billed.</remarks>
internal sealed partial class AzureOpenAIDeployments : IImageDeployments, IDisposable
{
    private readonly HttpClient http = UpstreamHttp.Create();
    private readonly AzureOpenAIOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<AzureOpenAIDeployments> logger;
    private readonly Dictionary<string, AzureOpenAIDeployment> byName;

    /// <param name="credential">Asked once for each deployment without a key.</param>
    public AzureOpenAIDeployments(AzureOpenAIOptions options, Func<AzureOpenAIDeploymentOptions, TokenCredential> credential, TimeProvider clock, ILogger<AzureOpenAIDeployments> logger)
    {
        (this.options, this.clock, this.logger) = (options, clock, logger);
        byName = options.Deployments.ToDictionary(each => each.Name, each => new AzureOpenAIDeployment(each, http, credential), StringComparer.Ordinal);
        All = [.. options.Deployments.Select(each => new Deployment(each.Name, each.Model, each.Priority, each.RequestsPerMinute) { Resource = each.Endpoint!.AbsoluteUri.TrimEnd('/'), IsQuarantine = each.Quarantine })];
    }

    public IReadOnlyList<Deployment> All { get; }

    public async Task<Attempt> TryAsync(Deployment deployment, ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        var at = byName[deployment.Name];
        using var span = UpstreamTelemetry.Start(call, at.Options);
        var started = clock.GetTimestamp();
        var attempt = await SendAsync(at, call, onPartial, deadline);
        var duration = clock.GetElapsedTime(started);
        UpstreamTelemetry.End(span, call, at.Options, attempt, duration);
        if (attempt.Result.TryGet(out var images, out var error)) Log.Generated(logger, at.Name, call.RequestId, images.Images.Count, duration);
        else if (attempt.End == AttemptEnd.Blocked) Log.Blocked(logger, at.Name, at.Options.Endpoint!.Host, at.Options.Subscription, at.Options.Region, call.RequestId, error.Cause);
        else Log.Failed(logger, at.Name, call.RequestId, attempt.End, error.Code, error.Cause, duration);
        return attempt;
    }

    public void Dispose() => http.Dispose();

    private async Task<Attempt> SendAsync(AzureOpenAIDeployment deployment, ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        var mode = UpstreamMode.For(call.Request, options.ForcePartialAfter);
        var bytesMax = (long)options.AnswerBytesMax * (call.Request.Count + mode.PartialImages);
        try
        {
            using var response = await deployment.SendAsync(UpstreamBody.For(call, deployment.Options, mode), deadline);
            return await new AnswerReader(response, deployment.Options, mode, bytesMax, clock).ReadAsync(onPartial, deadline);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new(ApiError.UpstreamTimedOut($"{deployment.Name}: our own deadline"), AttemptEnd.Lost);
        }
        catch (UpstreamBrokenException exception)
        {
            return new(ApiError.UpstreamFailed($"{deployment.Name}: {exception.Message}"), exception.WasSent ? AttemptEnd.Lost : AttemptEnd.Failed);
        }
        catch (AuthenticationFailedException exception)
        {
            return new(ApiError.NoDeploymentAvailable(null, $"{deployment.Name}: no token: {exception.Message}"), AttemptEnd.Failed);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The resource {Resource} (subscription {Subscription}, region {Region}) of deployment {Deployment} refuses everybody since {RequestId}; it gets no calls for a while. Not the caller's fault, and not charged: {Cause}")]
        public static partial void Blocked(ILogger logger, string deployment, string resource, string subscription, string region, string requestId, string? cause);

        [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment} drew {Images} images for {RequestId} in {Duration}.")]
        public static partial void Generated(ILogger logger, string deployment, string requestId, int images, TimeSpan duration);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Deployment {Deployment} did not draw for {RequestId}: {End}, {Code}, after {Duration}: {Cause}")]
        public static partial void Failed(ILogger logger, string deployment, string requestId, AttemptEnd end, string code, string? cause, TimeSpan duration);
    }
}
