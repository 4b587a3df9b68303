namespace ServerlessImages.Local.Stripe;

public sealed record StripeEmulatorOptions
{
    /// <value>The port on 127.0.0.1. Default 0: any that is free.</value>
    public int Port { get; init; }

    /// <summary>The one key that is taken.</summary>
    public string ApiKey { get; init; } = "sk_test_emulator";

    /// <summary>What webhooks are signed with.</summary>
    public string WebhookSecret { get; init; } = "whsec_emulator";

    /// <summary>Where events are announced; null: nowhere.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>Where everything is kept between runs; null: in memory only.</summary>
    public string? StateFile { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
