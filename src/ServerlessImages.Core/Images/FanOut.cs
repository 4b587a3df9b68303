using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>
/// Draws several images with one plain call, or with a call for each, which can be streamed. Azure ends a plain call at about 122 s and a silent stream at about
/// 60 s, but only single images can be streamed; a call for each takes one of the deployment's requests per minute for each.
/// </summary>
/// <param name="live">Draws what real money pays.</param>
/// <param name="test">Draws for test keys: nothing that costs anything.</param>
/// <remarks>The only place that decides between the two. A plain call of several images takes hardly longer than one of a single image.</remarks>
public sealed class FanOut(IImageModel live, IImageModel test)
{
    /// <summary>Deployments have 5 to 36 requests a minute: one order must not take them all at once.</summary>
    public const int CallsAtOnce = 4;

    /// <summary>Half of the wall, since measured times vary by as much.</summary>
    private static readonly TimeSpan PlainTimeMax = TimeSpan.FromSeconds(60);

    /// <summary>1.5 megapixels, the largest standard size. Times are measured up to there; beyond, drawing takes minutes.</summary>
    private const long PlainPixelsMax = 1536 * 1024;

    public FanOut(IImageModel model)
        : this(model, model)
    {
    }

    /// <summary>How long all images of a request take.</summary>
    /// <param name="ofOneCall">How long one call does.</param>
    public static TimeSpan ExpectedTime(ImageRequest request, TimeSpan ofOneCall) => IsNeeded(request) ? ofOneCall * Math.Ceiling((double)request.Count / CallsAtOnce) : ofOneCall;

    public static bool IsNeeded(ImageRequest request) => request.Count > 1 && (request.ExpectedTime > PlainTimeMax || request.Size is { Pixels: > PlainPixelsMax });

    /// <summary>As <see cref="IImageModel.GenerateAsync"/>. Of a fan-out all images that came; its first error if none did.</summary>
    public async Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        if (!IsNeeded(call.Request)) return await ModelOf(call).GenerateAsync(call, onPartial, deadline);

        using var places = new SemaphoreSlim(CallsAtOnce);
        var refused = new Refused();
        var single = call with { Request = call.Request with { Count = 1 } };
        return Merge(await Task.WhenAll(Enumerable.Range(0, call.Request.Count).Select(_ => OneAsync(single, places, refused, onPartial, deadline))));
    }

    private IImageModel ModelOf(ImageCall call) => call.Livemode ? live : test;

    private async Task<Result<GeneratedImages>> OneAsync(ImageCall call, SemaphoreSlim places, Refused refused, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        // Never cancelled while it waits: past the deadline each call in front ends at once, and so does this one.
        await places.WaitAsync(CancellationToken.None);
        try
        {
            if (deadline.IsCancellationRequested) return ApiError.UpstreamTimedOut("our own deadline, before the call");
            if (refused.Prompt is { } before) return before;
            var drawn = await ModelOf(call).GenerateAsync(call, onPartial, deadline);
            if (!drawn.TryGet(out _, out var error) && error.Moderation is { Stage: not "output" }) refused.Prompt = error;
            return drawn;
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>The same prompt would be refused again, and Azure counts each refusal against the resource.</summary>
    private sealed class Refused
    {
        public ApiError? Prompt { get; set; }
    }

    private static Result<GeneratedImages> Merge(Result<GeneratedImages>[] answers)
    {
        var came = new List<GeneratedImages>();
        ApiError? firstError = null;
        foreach (var answer in answers)
        {
            if (answer.TryGet(out var images, out var error)) came.Add(images);
            else firstError ??= error;
        }

        return came.Count > 0 ? Merge(came) : firstError!;
    }

    private static GeneratedImages Merge(List<GeneratedImages> came)
    {
        var usages = came.Select(each => each.Usage).OfType<TokenUsage>().ToArray();
        // Where one call did not count, the count of the others is not that of the images: the formula has to do, and what was counted is ours.
        var isCounted = usages.Length == came.Count;
        var once = isCounted ? usages.MinBy(usage => usage.Input)! : TokenUsage.None;
        return new GeneratedImages
        {
            Images = [.. came.SelectMany(each => each.Images)],
            Usage = isCounted ? once with { Output = usages.Sum(usage => usage.Output) } : null,
            RepeatedInput = new(usages.Sum(usage => usage.TextInput) - once.TextInput, usages.Sum(usage => usage.ImageInput) - once.ImageInput, 0),
            Quality = came.Min(each => each.Quality),
            Background = came[0].Background,
            PartialImages = came.Sum(each => each.PartialImages),
            Deployment = string.Join(", ", came.Select(each => each.Deployment).Distinct()),
        };
    }
}
