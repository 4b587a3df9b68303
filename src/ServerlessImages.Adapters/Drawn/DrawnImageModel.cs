using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Drawn;

/// <summary>
/// The image model of test keys: paints what was asked for on this machine, counts tokens as the models do, and fails where a word in square brackets in the
/// prompt says so. It calls nobody and costs nothing.
/// </summary>
internal sealed partial class DrawnImageModel(TimeProvider clock) : IImageModel, IDisposable
{
    private const string Deployment = "drawn";
    private const int TokensPerInputImage = 1_024;
    private const int CharactersPerToken = 4;
    private static readonly TimeSpan SlowDefault = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TooFastWait = TimeSpan.FromSeconds(2);
    private static readonly byte[] NoImage = "This is no image."u8.ToArray();

    private readonly Painter painter = new();

    /// <summary>Painting takes a processor: real customers' requests come first on this instance.</summary>
    private readonly SemaphoreSlim oneAtATime = new(1);

    public async Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        var steers = Steers(call.Request.Prompt);
        if (steers.TryGetValue("slow", out var milliseconds)) await Task.Delay(milliseconds is { } time ? TimeSpan.FromMilliseconds(time) : SlowDefault, clock, deadline);
        if (RefusalOf(steers) is { } refusal)
        {
            call.Attempts.Add(new(Deployment, AttemptEnd.Answered, TimeSpan.Zero));
            return refusal;
        }

        var startedAt = clock.GetTimestamp();
        var partials = call.Request.Stream ? call.Request.PartialImages : 0;
        for (var index = 0; index < partials; index++) await onPartial(new(index, await PaintAsync(call.Request, 0, (index + 1.0) / (partials + 1), deadline)));
        var images = await PaintAllAsync(call.Request, steers, deadline);
        call.Attempts.Add(new(Deployment, AttemptEnd.Answered, clock.GetElapsedTime(startedAt)));
        return new GeneratedImages { Images = images, Usage = UsageOf(call.Request, images.Count, partials), Quality = QualityOf(call.Request), PartialImages = partials, Deployment = Deployment };
    }

    public void Dispose() => oneAtATime.Dispose();

    private static ApiError? RefusalOf(Dictionary<string, int?> steers)
    {
        if (steers.ContainsKey("moderated")) return ApiError.ModerationBlocked(new("input", ["violence"]));
        if (steers.ContainsKey("429")) return ApiError.RateLimitExceeded(null, requestsPerMinute: 60, TooFastWait);
        if (steers.ContainsKey("502")) return ApiError.UpstreamFailed("the prompt asked for it");
        return steers.ContainsKey("503") ? ApiError.NoDeploymentAvailable(TooFastWait, "the prompt asked for it") : null;
    }

    private async Task<List<ReadOnlyMemory<byte>>> PaintAllAsync(ImageRequest request, Dictionary<string, int?> steers, CancellationToken deadline)
    {
        var missing = steers.TryGetValue("partial", out var fewer) ? fewer ?? 1 : 0;
        var corrupt = steers.TryGetValue("corrupt", out var broken) ? broken ?? 1 : 0;
        var images = new List<ReadOnlyMemory<byte>>();
        for (var index = 0; index < request.Count - missing; index++) images.Add(index < corrupt ? NoImage : await PaintAsync(request, index, completeness: 1, deadline));
        return images;
    }

    private async Task<ReadOnlyMemory<byte>> PaintAsync(ImageRequest request, int variation, double completeness, CancellationToken deadline)
    {
        await oneAtATime.WaitAsync(deadline);
        try
        {
            return painter.Paint(new Painting
            {
                Prompt = request.Prompt,
                Size = SizeOf(request),
                Format = request.Format,
                Compression = request.Compression ?? 100,
                Transparent = request.Background == ImageBackground.Transparent,
                Variation = variation,
                Completeness = completeness,
            });
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private static TokenUsage UsageOf(ImageRequest request, int images, int partials)
    {
        var text = Math.Min(Math.Max(1, request.Prompt.Length / CharactersPerToken), Encoding.UTF8.GetByteCount(request.Prompt));
        var output = images == 0 ? 0 : request.Model.OutputTokens.For(SizeOf(request), QualityOf(request), images);
        return new TokenUsage(text, (long)TokensPerInputImage * request.AllInputs.Count(), output + (partials * TokenTariff.TokensPerPartialImage));
    }

    private static ImageSize SizeOf(ImageRequest request) => request.Size ?? ModelSpec.StandardSizes[0];

    private static ImageQuality QualityOf(ImageRequest request) => request.Quality == ImageQuality.Auto ? request.Model.Qualities[0] : request.Quality;

    /// <summary>Each word with its number, if it has one.</summary>
    private static Dictionary<string, int?> Steers(string prompt)
    {
        var steers = new Dictionary<string, int?>(StringComparer.Ordinal);
        foreach (Match match in Bracketed().Matches(prompt)) steers[match.Groups["name"].Value] = match.Groups["number"] is { Success: true } number ? int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) : null;
        return steers;
    }

    [GeneratedRegex(@"\[(?<name>moderated|429|502|503|slow|partial|corrupt)(:(?<number>[0-9]{1,6}))?\]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Bracketed();
}
