using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Webhooks;

/// <summary>How customers' endpoints are told of events.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>How long an endpoint may take to answer.</summary>
    /// <value>Default 15 seconds, 1 to 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether endpoints may be on plain http and in private networks: for one machine and for tests, never where strangers have accounts.</summary>
    /// <value>Default false.</value>
    public bool AllowPrivateNetworks { get; init; }
}
