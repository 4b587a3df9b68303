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

    /// <summary>The origins of Stripe's pages to which forms lead, such as https://pay.example.com, where they are not Stripe's own: browsers follow them to no others.</summary>
    /// <value>Default: those of Checkout and of the customer portal; with an <see cref="ApiBase"/> of its own, that one's.</value>
    public List<string> PageOrigins { get; init; } = [];

    /// <summary>All of them, with spaces between.</summary>
    public string FormTargets() => (PageOrigins, ApiBase) switch
    {
        ({ Count: > 0 }, _) => string.Join(' ', PageOrigins),
        (_, { } at) => at.GetLeftPart(UriPartial.Authority),
        _ => "https://checkout.stripe.com https://billing.stripe.com",
    };

    internal bool IsOn => !string.IsNullOrEmpty(ApiKey);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOn && !(ApiKey!.StartsWith("sk_", StringComparison.Ordinal) || ApiKey.StartsWith("rk_", StringComparison.Ordinal))) yield return new ValidationResult("Stripe:ApiKey is a secret or restricted key: it begins with sk_ or rk_.", [nameof(ApiKey)]);
        if (IsOn && WebhookSecrets.Count == 0) yield return new ValidationResult("Stripe:WebhookSecrets has none: whoever pays would wait for the nightly sweep.", [nameof(WebhookSecrets)]);
        if (WebhookSecrets.Any(secret => !secret.StartsWith("whsec_", StringComparison.Ordinal))) yield return new ValidationResult("Stripe:WebhookSecrets: each begins with whsec_.", [nameof(WebhookSecrets)]);
        if (ThinWebhookSecrets.Any(secret => !secret.StartsWith("whsec_", StringComparison.Ordinal))) yield return new ValidationResult("Stripe:ThinWebhookSecrets: each begins with whsec_.", [nameof(ThinWebhookSecrets)]);
        foreach (var origin in PageOrigins)
        {
            // A semicolon or a blank would be another word of the page's policy.
            var isOrigin = Uri.TryCreate(origin, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && origin == address.GetLeftPart(UriPartial.Authority);
            if (!isOrigin) yield return new ValidationResult($"Stripe:PageOrigins: '{origin}' is not an origin such as https://pay.example.com.", [nameof(PageOrigins)]);
        }

        if (ApiBase is { } at && !(at.IsAbsoluteUri && (at.Scheme == Uri.UriSchemeHttps || at.IsLoopback))) yield return new ValidationResult("Stripe:ApiBase is an https address.", [nameof(ApiBase)]);
    }
}
