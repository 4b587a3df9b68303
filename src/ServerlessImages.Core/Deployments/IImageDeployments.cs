using ServerlessImages.Images;

namespace ServerlessImages.Deployments;

/// <summary>The deployments that the operator has: Azure OpenAI's.</summary>
public interface IImageDeployments
{
    IReadOnlyList<Deployment> All { get; }

    /// <summary>One call upstream, never repeated by itself: each may be billed.</summary>
    /// <param name="onPartial">Called for each partial image in order; only with <see cref="ImageRequest.Stream"/>.</param>
    /// <param name="deadline">Ends the call; it is the request's own deadline, never the caller's connection.</param>
    Task<Attempt> TryAsync(Deployment deployment, ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline);
}

/// <summary>How a call to a deployment ended, as far as the next one is concerned.</summary>
public enum AttemptEnd
{
    /// <summary>It drew, or refused what was asked: it is well.</summary>
    Answered,

    /// <summary>429: not now.</summary>
    Throttled,

    /// <summary>403: the whole resource is closed, by Azure's abuse monitoring or for want of a role. Never the caller's fault.</summary>
    Blocked,

    /// <summary>It failed before it can have drawn anything: no connection, no login, no such deployment, 5xx before the first event.</summary>
    Failed,

    /// <summary>It broke off or ran out of time: it may have drawn, and may be billed.</summary>
    Lost,
}

/// <param name="RetryAfter">When it takes calls again, where it said so.</param>
/// <param name="RequestsPerMinute">Its quota, where it said so.</param>
public sealed record Attempt(Result<GeneratedImages> Result, AttemptEnd End, TimeSpan? RetryAfter = null, int? RequestsPerMinute = null)
{
    private static readonly TimeSpan ThrottledFor = TimeSpan.FromSeconds(10);

    /// <summary>When it takes calls again, or a guess.</summary>
    public TimeSpan WaitsFor => RetryAfter ?? ThrottledFor;

    /// <summary>Whether the same may be asked of another: only where surely nothing was billed.</summary>
    public bool MayGoElsewhere => End is AttemptEnd.Throttled or AttemptEnd.Blocked or AttemptEnd.Failed;
}
