using ServerlessImages.Deployments;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>Whose matter an upstream error is. Only the content filter's refusal is the caller's: the request was checked before it went out.</summary>
internal static class UpstreamErrors
{
    /// <param name="cause">For the operator's log.</param>
    public static ApiError FromStatus(int status, UpstreamError? error, TimeSpan? retryAfter, string cause) => status switch
    {
        400 when error?.Moderation is { } moderation => ApiError.ModerationBlocked(moderation) with { Cause = cause },

        // Our key, our role, or a block of the whole resource.
        401 or 403 => ApiError.NoDeploymentAvailable(null, cause),
        408 or 504 => ApiError.UpstreamTimedOut(cause),
        429 => ApiError.NoDeploymentAvailable(retryAfter, cause),
        >= 400 and < 500 => ApiError.UpstreamRejected(cause),
        _ => ApiError.UpstreamFailed(cause),
    };

    /// <summary>What an error's status says about what was drawn: nothing before the first event, except where the upstream ran out of time.</summary>
    public static AttemptEnd EndOf(int status) => status switch
    {
        403 => AttemptEnd.Blocked,
        429 => AttemptEnd.Throttled,
        408 or 504 => AttemptEnd.Lost,
        401 or 404 or < 400 or >= 500 => AttemptEnd.Failed,
        _ => AttemptEnd.Answered,
    };

    /// <summary>Whatever failed within an answer that began with 200 may have drawn before it did; only a refusal did not.</summary>
    public static AttemptEnd EndOf(Result<GeneratedImages> answer) =>
        answer.TryGet(out _, out var error) || error.Kind == ApiErrorKind.Content ? AttemptEnd.Answered : AttemptEnd.Lost;

    /// <summary>An error within an answer that began with 200.</summary>
    public static ApiError InAnswer(UpstreamError error, string cause) => error switch
    {
        { Moderation: { } moderation } => ApiError.ModerationBlocked(moderation) with { Cause = cause },
        { Code: "rate_limit_exceeded" } => ApiError.NoDeploymentAvailable(null, cause),
        { Code: "Timeout" } => ApiError.UpstreamTimedOut(cause),
        { Type: "invalid_request_error" } => ApiError.UpstreamRejected(cause),
        _ => ApiError.UpstreamFailed(cause),
    };
}
