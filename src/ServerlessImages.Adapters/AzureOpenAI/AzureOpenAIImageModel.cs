using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Logging;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>Draws images on the deployment that the operator put first for the model.</summary>
/// <remarks>One request upstream per call, whatever happens: each may be billed.</remarks>
internal sealed partial class AzureOpenAIImageModel : IImageModel, IDisposable
{
    private readonly HttpClient http = UpstreamHttp.Create();
    private readonly AzureOpenAIOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<AzureOpenAIImageModel> logger;
    private readonly Dictionary<string, AzureOpenAIDeployment> firstOfModel;

    /// <param name="credential">Asked once for each deployment without a key.</param>
    public AzureOpenAIImageModel(AzureOpenAIOptions options, Func<AzureOpenAIDeploymentOptions, TokenCredential> credential, TimeProvider clock, ILogger<AzureOpenAIImageModel> logger)
    {
        (this.options, this.clock, this.logger) = (options, clock, logger);
        firstOfModel = options.Deployments
            .GroupBy(deployment => deployment.Model)
            .Select(group => group.MinBy(deployment => deployment.Priority)!)
            .ToDictionary(deployment => deployment.Model, deployment => new AzureOpenAIDeployment(deployment, http, credential), StringComparer.Ordinal);
    }

    public async Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        var model = call.Request.Model.Id;
        if (!firstOfModel.TryGetValue(model, out var deployment)) return ApiError.NoDeploymentAvailable(null, $"No deployment is configured for {model}.");

        using var span = UpstreamTelemetry.Start(call, deployment.Options);
        var started = clock.GetTimestamp();
        var generated = await AttemptAsync(deployment, call, onPartial, deadline);
        var duration = clock.GetElapsedTime(started);
        UpstreamTelemetry.End(span, call, deployment.Options, generated, duration);
        if (generated.TryGet(out var images, out var error)) Log.Generated(logger, deployment.Name, call.RequestId, images.Images.Count, duration);
        else Log.Failed(logger, deployment.Name, call.RequestId, error.Code, error.Cause, duration);
        return generated;
    }

    public void Dispose() => http.Dispose();

    private async Task<Result<GeneratedImages>> AttemptAsync(AzureOpenAIDeployment deployment, ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
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
            return ApiError.UpstreamTimedOut($"{deployment.Name}: our own deadline");
        }
        catch (UpstreamBrokenException exception)
        {
            return ApiError.UpstreamFailed($"{deployment.Name}: {exception.Message}");
        }
        catch (AuthenticationFailedException exception)
        {
            return ApiError.NoDeploymentAvailable(null, $"{deployment.Name}: no token: {exception.Message}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment} drew {Images} images for {RequestId} in {Duration}.")]
        public static partial void Generated(ILogger logger, string deployment, string requestId, int images, TimeSpan duration);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Deployment {Deployment} failed {RequestId} with {Code} after {Duration}: {Cause}")]
        public static partial void Failed(ILogger logger, string deployment, string requestId, string code, string? cause, TimeSpan duration);
    }
}
