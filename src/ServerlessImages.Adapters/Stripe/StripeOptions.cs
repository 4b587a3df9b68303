using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Stripe;

/// <summary>The Stripe account that collects. Without a key nothing is sold: billing has no endpoints then.</summary>
public sealed class StripeOptions : IValidatableObject
{
    public const string Section = "Stripe";

    /// <summary>A secret or restricted key. The mode of the key, live or test, is the mode of everything.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What webhooks are signed with: one for each endpoint in Stripe, and two while one is rolled.</summary>
    public List<string> WebhookSecrets { get; init; } = [];

    /// <summary>The same for the endpoint of thin events, which tell of usage that is on no invoice. None: they are refused.</summary>
    public List<string> ThinWebhookSecrets { get; init; } = [];

    /// <summary>Another address than Stripe's own: https, or http on a loopback address.</summary>
    public Uri? ApiBase { get; init; }

    internal bool IsOn => !string.IsNullOrEmpty(ApiKey);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOn && !(ApiKey!.StartsWith("sk_", StringComparison.Ordinal) || ApiKey.StartsWith("rk_", StringComparison.Ordinal))) yield return new ValidationResult("Stripe:ApiKey is a secret or restricted key: it begins with sk_ or rk_.", [nameof(ApiKey)]);
        if (IsOn && WebhookSecrets.Count == 0) yield return new ValidationResult("Stripe:WebhookSecrets has none: whoever pays would wait for the nightly sweep.", [nameof(WebhookSecrets)]);
        if (WebhookSecrets.Any(secret => !secret.StartsWith("whsec_", StringComparison.Ordinal))) yield return new ValidationResult("Stripe:WebhookSecrets: each begins with whsec_.", [nameof(WebhookSecrets)]);
        if (ThinWebhookSecrets.Any(secret => !secret.StartsWith("whsec_", StringComparison.Ordinal))) yield return new ValidationResult("Stripe:ThinWebhookSecrets: each begins with whsec_.", [nameof(ThinWebhookSecrets)]);
        if (ApiBase is { } at && !(at.IsAbsoluteUri && (at.Scheme == Uri.UriSchemeHttps || at.IsLoopback))) yield return new ValidationResult("Stripe:ApiBase is an https address.", [nameof(ApiBase)]);
    }
}
