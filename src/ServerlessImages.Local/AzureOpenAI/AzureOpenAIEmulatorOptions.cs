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

    /// <value>Calls per clock minute, over all deployments, before 429 with a true <c>retry-after</c>. Default 60,000.</value>
    public int RequestsPerMinute { get; init; } = 60_000;
}
