using System.ClientModel.Primitives;
using System.Globalization;
using ServerlessImages.Deployments;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>Reads one answer, whatever its form: events, plain JSON (of gateways that do not stream, too), or an error.</summary>
/// <param name="bytesMax">Of a good answer's body.</param>
internal sealed class AnswerReader(PipelineResponse response, AzureOpenAIDeploymentOptions deployment, UpstreamMode mode, long bytesMax, TimeProvider clock)
{
    /// <summary>Errors are short; of a longer one only the status is believed.</summary>
    private const int ErrorBytesMax = 64 * 1024;

    private bool IsSuccess => response.Status is >= 200 and < 300;

    private TimeSpan? WaitsFor => RetryAfter.Read(response.Headers, clock.GetUtcNow());

    private bool IsEventStream => Header("content-type").StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="UpstreamBrokenException">It broke off, or is too long.</exception>
    public async Task<Attempt> ReadAsync(Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        if (!IsSuccess) return await ReadErrorAsync(deadline);

        var body = Body(bytesMax);
        var answer = IsEventStream ? await ReadEventsAsync(body, onPartial, deadline) : ToResult(await EventReader.ReadOneAsync(body, deadline), partialImages: 0);
        return Ended(answer, UpstreamErrors.EndOf(answer));
    }

    private async Task<Result<GeneratedImages>> ReadEventsAsync(Stream body, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        var partialImages = 0;
        await foreach (var message in EventReader.ReadAllAsync(body, deadline))
        {
            if (message is not { Error: null, IsCompleted: false }) return ToResult(message, partialImages);
            if (!message.IsPartial) continue;

            if (partialImages < mode.PartialsForCaller && message.Images is [{ IsEmpty: false } image]) await onPartial(new PartialImage(partialImages, image));
            partialImages++;
        }

        return ApiError.UpstreamFailed(Cause("the stream ended without an image"));
    }

    private Result<GeneratedImages> ToResult(UpstreamMessage? message, int partialImages)
    {
        if (message is null) return ApiError.UpstreamFailed(Cause("not JSON"));
        if (message.Error is { } error) return UpstreamErrors.InAnswer(error, Cause(error.Code));
        if (message.Images.Count == 0) return ApiError.NoUsableImage(Cause("no data"));

        return new GeneratedImages
        {
            Images = message.Images,
            Usage = message.Usage,
            Quality = message.Quality,
            Background = message.Background,
            PartialImages = partialImages,
            Deployment = deployment.Name,
        };
    }

    private async Task<Attempt> ReadErrorAsync(CancellationToken deadline)
    {
        UpstreamError? error = null;
        try
        {
            error = (await EventReader.ReadOneAsync(Body(ErrorBytesMax), deadline))?.Error;
        }
        catch (UpstreamBrokenException)
        {
            // The status says enough.
        }

        if (response.Status == 403) UpstreamTelemetry.Blocked(deployment);
        return Ended(UpstreamErrors.FromStatus(response.Status, error, WaitsFor, Cause(error?.Code)), UpstreamErrors.EndOf(response.Status));
    }

    private Attempt Ended(Result<GeneratedImages> result, AttemptEnd end) =>
        new(result, end, WaitsFor, int.TryParse(Header("x-ratelimit-limit-requests"), NumberStyles.None, CultureInfo.InvariantCulture, out var quota) ? quota : null);

    private UpstreamStream Body(long atMost) => new(response.ContentStream ?? Stream.Null, atMost);

    private string Cause(string? what) =>
        $"{deployment.Name}: {response.Status} {what} (x-request-id {UpstreamError.Word(Header("x-request-id"))}, apim-request-id {UpstreamError.Word(Header("apim-request-id"))})";

    private string Header(string name) => response.Headers.TryGetValue(name, out var value) ? value ?? "" : "";
}
