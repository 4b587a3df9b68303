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
}
