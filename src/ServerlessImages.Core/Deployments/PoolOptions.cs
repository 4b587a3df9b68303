using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Deployments;

/// <summary>How requests wait for a deployment.</summary>
public sealed class PoolOptions
{
    public const string Section = "Pool";

    /// <summary>How long a request waits for a free deployment before it is told 503 <c>no_deployment_available</c> and when to come again.</summary>
    /// <value>Default 60 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a deployment that fails, is throttled or is blocked gets no calls at most; zero means that it always does.</summary>
    /// <value>Default 15 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ClosedMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How many requests for one model wait on an instance.</summary>
    /// <value>Default 200.</value>
    [Range(1, 10_000)]
    public int WaitingMax { get; init; } = 200;

    /// <summary>How many of them are of one account.</summary>
    /// <value>Default 50.</value>
    [Range(1, 10_000)]
    public int WaitingMaxOfAccount { get; init; } = 50;
}
