using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Api.Operators;

/// <summary>Whose tokens the operator API takes. Without a tenant there is no operator API.</summary>
public sealed class OperatorOptions : IValidatableObject
{
    public const string Section = "Operator";

    /// <summary>The Microsoft Entra tenant whose members and applications may be operators: its id.</summary>
    public string? TenantId { get; init; }

    /// <summary>Whom tokens are for: the application id, or the application id URI, of this API's registration.</summary>
    public string? Audience { get; init; }

    /// <summary>Another OpenID provider than the tenant's at login.microsoftonline.com; https, or http on a loopback address.</summary>
    public Uri? Authority { get; init; }

    /// <summary>The most that one grant may be, in US dollars: a slip of the finger costs no more.</summary>
    /// <value>Default 1,000.</value>
    [Range(1, 1_000_000)]
    public int GrantUsdMax { get; init; } = 1_000;

    /// <summary>The most that an account may be allowed to owe, in US dollars.</summary>
    /// <value>Default 10,000.</value>
    [Range(1, 1_000_000)]
    public int CreditLimitUsdMax { get; init; } = 10_000;

    internal bool IsOn => TenantId is not null;

    internal Uri Issuer => Authority ?? new Uri($"https://login.microsoftonline.com/{TenantId}/v2.0");

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOn != Audience is not null) yield return new ValidationResult("Operator:TenantId and Operator:Audience are set together.", [nameof(TenantId), nameof(Audience)]);
        if (IsOn && !Guid.TryParseExact(TenantId, "D", out _)) yield return new ValidationResult("Operator:TenantId is a tenant's id, such as 00000000-0000-0000-0000-000000000000: 'common' would let in everybody.", [nameof(TenantId)]);
        if (Authority is { } at && !(at.IsAbsoluteUri && (at.Scheme == Uri.UriSchemeHttps || at.IsLoopback))) yield return new ValidationResult("Operator:Authority is an https address.", [nameof(Authority)]);
    }
}
