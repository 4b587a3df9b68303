using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

public sealed record AzureOpenAIEmulatorOptions
{
    /// <value>The port on 127.0.0.1. Default 0: any that is free.</value>
    public int Port { get; init; }

    /// <summary>What is deployed: deployment name → the model behind it. Any other name is <c>DeploymentNotFound</c>.</summary>
    public required IReadOnlyDictionary<string, ModelSpec> Deployments { get; init; }

    /// <value>How long a generation takes in all; partial images come evenly spread within. Default 0: at once.</value>
    public TimeSpan Latency { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <value>0 (default) to 1: the share of otherwise good calls that are answered 500.</value>
    public double FailureRate { get; init; }

    /// <value>Which calls those are: the same seed, the same ones. Default 0.</value>
    public int FailureSeed { get; init; }

    /// <value>Calls per clock minute and deployment, of each resource, before 429 with a true <c>retry-after</c>. Default 60,000.</value>
    public int RequestsPerMinute { get; init; } = 60_000;

    /// <summary>
    /// How long a second of the real service is here. With it a picture takes as long as its model's is measured to, and a larger one longer, besides <see cref="Latency"/>, and the walls stand: a stream without an event in its
    /// first 60 s and a plain call of 122 s end with 408.
    /// </summary>
    /// <value>Default 0: no walls, and pictures take <see cref="Latency"/> alone.</value>
    public double TimeScale { get; init; }

    /// <summary>Shares of otherwise good calls that go as if their prompt had a steer, by the die of <see cref="FailureSeed"/>; together at most 1.</summary>
    /// <value>Default none.</value>
    public IReadOnlyDictionary<PromptSteer, double> BadDays { get; init; } = new Dictionary<PromptSteer, double>();

    /// <value>How many calls of a resource its content filter refuses within <see cref="BlockWindow"/> before Azure blocks the resource: 403 to everybody. Default 0: never.</value>
    public int RefusalsUntilBlocked { get; init; }

    /// <value>Default 10 minutes.</value>
    public TimeSpan BlockWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <value>How long a block lasts. Default 24 hours.</value>
    public TimeSpan BlockedFor { get; init; } = TimeSpan.FromHours(24);
}
