using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Jobs;

/// <summary>The time limits of jobs.</summary>
public sealed class JobOptions
{
    public const string Section = "Jobs";

    /// <summary>How long a job may wait and run; after that it has expired, and its quote is given back.</summary>
    /// <value>Default 24 hours; 1 hour to 7 days.</value>
    [Range(typeof(TimeSpan), "01:00:00", "7.00:00:00")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A plain or streamed call that is expected to take longer than this runs as a job from the start, while its caller waits.</summary>
    /// <value>Default 150 seconds: nothing keeps an instance alive for a caller who has gone.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:15:00")]
    public TimeSpan CallsFrom { get; init; } = TimeSpan.FromSeconds(150);
}
