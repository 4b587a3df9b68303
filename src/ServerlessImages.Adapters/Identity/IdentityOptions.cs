using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Identity;

/// <summary>Who signs people in to the portal: any OpenID Connect provider. Without an authority there is no portal.</summary>
public sealed class IdentityOptions : IValidatableObject
{
    public const string Section = "Identity";

    /// <summary>The provider's address, under which its <c>.well-known/openid-configuration</c> is; https, or http on a loopback address.</summary>
    public Uri? Authority { get; init; }

    /// <summary>The id of the registration of this product with the provider.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret. Source: Key Vault secret <c>identity-client-secret</c>.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What is asked of the provider beside <c>openid</c>.</summary>
    /// <value>Default: <c>profile</c> and <c>email</c>, with a space between.</value>
    public string Scopes { get; init; } = "profile email";

    /// <summary>The claim that has an operator's roles, <c>Operator.Read</c> and <c>Operator.Write</c>.</summary>
    /// <value>Default <c>roles</c>, as Microsoft Entra writes them.</value>
    public string OperatorClaim { get; init; } = "roles";

    /// <summary>Which terms of service are in force: their date, or any word. Whoever accepted others is asked again.</summary>
    /// <value>Default <c>1</c>.</value>
    public string TermsVersion { get; init; } = "1";

    /// <summary>Where the terms of service can be read.</summary>
    public Uri? TermsUrl { get; init; }

    /// <summary>How long a session lasts without being used.</summary>
    /// <value>Default 30 minutes.</value>
    [Range(typeof(TimeSpan), "00:05:00", "08:00:00")]
    public TimeSpan SessionIdleMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a session lasts at most: then one signs in again.</summary>
    /// <value>Default 8 hours.</value>
    [Range(typeof(TimeSpan), "00:05:00", "1.00:00:00")]
    public TimeSpan SessionMax { get; init; } = TimeSpan.FromHours(8);

    internal bool IsOn => Authority is not null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOn && (ClientId is null || ClientSecret is null)) yield return new ValidationResult("Identity:Authority, Identity:ClientId and Identity:ClientSecret are set together.", [nameof(Authority)]);
        if (Authority is { } at && !(at.IsAbsoluteUri && (at.Scheme == Uri.UriSchemeHttps || (at.Scheme == Uri.UriSchemeHttp && at.IsLoopback)))) yield return new ValidationResult("Identity:Authority is an https address.", [nameof(Authority)]);
    }
}
