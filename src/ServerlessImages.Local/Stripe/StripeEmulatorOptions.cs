namespace ServerlessImages.Local.Stripe;

public sealed record StripeEmulatorOptions
{
    /// <value>The port on 127.0.0.1. Default 0: any that is free.</value>
    public int Port { get; init; }

    /// <summary>The one key that is taken.</summary>
    public string ApiKey { get; init; } = "sk_test_emulator";

    /// <summary>What webhooks are signed with.</summary>
    public string WebhookSecret { get; init; } = "whsec_emulator";

    /// <summary>Where snapshot events are announced; null: nowhere.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>The types of snapshot events that the endpoint has asked for.</summary>
    /// <value>Default: null, all of them.</value>
    public IReadOnlyCollection<string>? WebhookTypes { get; init; }

    /// <summary>What thin events are signed with.</summary>
    public string ThinWebhookSecret { get; init; } = "whsec_thin_emulator";

    /// <summary>Where thin events are announced; null: nowhere.</summary>
    public Uri? ThinWebhookUrl { get; init; }

    /// <summary>After how long each an announcement that failed is sent again. Stripe goes on for three days.</summary>
    public IReadOnlyList<TimeSpan> WebhookRetries { get; init; } = [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(12), TimeSpan.FromHours(12), TimeSpan.FromHours(12), TimeSpan.FromHours(12)];

    /// <summary>How long usage waits until it is looked at: until then no summary shows it, and nobody is told that it was wrong.</summary>
    public TimeSpan MeterLag { get; init; }

    /// <summary>How long an invoice stays a draft, which takes usage of its period still. After it, that usage is on no invoice, ever.</summary>
    /// <value>Default: 1 hour, as Stripe's. At most 72 hours.</value>
    public TimeSpan InvoiceGrace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After how long each an invoice that was not paid is tried again. Stripe's default is 8 times in 2 weeks.</summary>
    public IReadOnlyList<TimeSpan> PaymentRetries { get; init; } = [TimeSpan.FromDays(1), TimeSpan.FromDays(1), .. Enumerable.Repeat(TimeSpan.FromDays(2), 6)];

    /// <summary>What becomes of a subscription then.</summary>
    public StripeAfterRetries AfterRetries { get; init; } = StripeAfterRetries.Canceled;

    /// <summary>How long a call of the API is on its way back, once it is done.</summary>
    /// <value>Default: none.</value>
    public TimeSpan Latency { get; init; }

    /// <summary>Where everything is kept between runs; null: in memory only.</summary>
    public string? StateFile { get; init; }

    /// <summary>Is told of every call of the API with its answer.</summary>
    public Action<StripeExchange> Record { get; init; } = _ => { };

    /// <summary>Shared with the product: both live at the same time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How <see cref="StripeEmulator.AdvanceAsync"/> moves <see cref="Time"/>, such as <c>clock.SetUtcNow</c> of a clock that tests move; null: it cannot be moved.</summary>
    public Action<DateTimeOffset>? MoveTime { get; init; }
}

/// <summary>A call and its answer.</summary>
/// <param name="Fields">Of the query and the form, as they are named there.</param>
/// <param name="Body">JSON.</param>
public sealed record StripeExchange(string Method, string Path, IReadOnlyDictionary<string, string> Fields, int Status, string Body);
