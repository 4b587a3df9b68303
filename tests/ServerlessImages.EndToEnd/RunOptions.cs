using Microsoft.Extensions.Configuration;

namespace ServerlessImages.EndToEnd;

/// <summary>How long and how random a run is. From the environment: <c>Kills__Count</c>, <c>Kills__Seed</c>.</summary>
internal sealed class RunOptions
{
    /// <value>How many processes are killed. Default 30.</value>
    public int Count { get; init; } = 30;

    /// <value>What is sent and when is killed; the scheduler has its own say. Default: another one each time.</value>
    public int Seed { get; init; } = Environment.TickCount;

    public static RunOptions FromEnvironment() => new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection("Kills").Get<RunOptions>() ?? new RunOptions();
}
