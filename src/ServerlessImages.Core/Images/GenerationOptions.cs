using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Images;

/// <summary>The time limits of a generation.</summary>
public sealed class GenerationOptions
{
    public const string Section = "Generation";

    /// <summary>How long one request may take from its hold to its settlement, whether or not its caller still waits.</summary>
    /// <value>Default 8 minutes; 10 seconds to 15 minutes, since the Functions host ends everything after <c>functionTimeout</c> (20 minutes).</value>
    [Range(typeof(TimeSpan), "00:00:10", "00:15:00")]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(8);

    /// <summary>How much longer than its deadline a hold lives, so that no running request is swept.</summary>
    /// <value>Default 90 seconds: the store's own patience is 60.</value>
    [Range(typeof(TimeSpan), "00:01:10", "00:10:00")]
    public TimeSpan HoldMargin { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a repeat of a running call with the same Idempotency-Key waits for its answer before it is told 409 <c>idempotency_in_progress</c>.</summary>
    /// <value>Default 100 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:03:20")]
    public TimeSpan RepeatWait { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long a call must have run before an equal call of the same key is taken for its SDK's own re-send, if its caller hung up.</summary>
    /// <value>Default 20 seconds: no SDK times out sooner, and a person who sends the same call twice on purpose does not hang up on the first.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan AdoptAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long after its end an unanswered call can still be adopted.</summary>
    /// <value>Default 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan AdoptWithin { get; init; } = TimeSpan.FromMinutes(10);
}
