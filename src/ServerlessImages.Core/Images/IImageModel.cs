using ServerlessImages.Deployments;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>Draws images: the pool of deployments, or for test keys a painter.</summary>
public interface IImageModel
{
    /// <summary>Draws once: again elsewhere only where surely nothing was billed. Refused content, failures and exhaustion come back as errors.</summary>
    /// <param name="onPartial">Called for each partial image in order; only with <see cref="ImageRequest.Stream"/>.</param>
    /// <param name="deadline">Ends the attempt; it is the request's own deadline, never the caller's connection.</param>
    Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline);
}

/// <param name="SafetyIdentifier">A keyed hash of account and end user, or null.</param>
/// <param name="Share">Whose it is, where several wait.</param>
public sealed record ImageCall(string RequestId, ImageRequest Request, string? SafetyIdentifier, FairShare Share)
{
    /// <summary>False for a test key: nothing of it may cost anything.</summary>
    public bool Livemode { get; init; } = true;

    /// <summary>Where the attempts are noted: one list for all calls of a request.</summary>
    public AttemptLog Attempts { get; init; } = new();

    /// <summary>Whether it is drawn in quarantine, where there is one.</summary>
    public bool OnProbation { get; init; }

    /// <summary>Asked before each call: why nothing may be drawn any more, or null.</summary>
    public Func<CancellationToken, Task<ApiError?>> RefusalAsync { get; init; } = _ => Task.FromResult<ApiError?>(null);
}

/// <param name="Index">From 0 on.</param>
public sealed record PartialImage(int Index, ReadOnlyMemory<byte> Bytes);

/// <summary>What the upstream answered, before anything of it is believed.</summary>
public sealed record GeneratedImages
{
    /// <summary>Each image as it came; one that was not base64 is empty, and so is not delivered.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Images { get; init; }

    /// <summary>The tokens that the upstream counted, or null if it did not say.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>Input that the upstream counted beyond <see cref="Usage"/>, because the same request was sent several times; its output is 0.</summary>
    public TokenUsage RepeatedInput { get; init; } = TokenUsage.None;

    /// <summary>The quality that the model chose, where it says so.</summary>
    public ImageQuality? Quality { get; init; }

    public ImageBackground? Background { get; init; }

    /// <summary>How many partial images came; each may have cost 100 output tokens.</summary>
    public int PartialImages { get; init; }

    /// <summary>The operator's name of the deployment that drew them.</summary>
    public required string Deployment { get; init; }
}
