using System.ComponentModel.DataAnnotations;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Setup;

/// <summary>The secrets under which API keys are hashed.</summary>
public sealed class KeyOptions : IValidatableObject
{
    public const string Section = "Keys";

    /// <summary>Peppers by version, each at least 32 bytes in base64. The highest version hashes new keys. Source: Key Vault.</summary>
    [Required, MinLength(1)]
    public Dictionary<int, string> Peppers { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (version, text) in Peppers)
        {
            var bytes = new byte[text.Length];
            if (!Convert.TryFromBase64String(text, bytes, out var length) || length < 32) yield return new ValidationResult($"Keys:Peppers:{version} is not base64 of at least 32 bytes.");
        }
    }

    public Peppers ToPeppers() => new(Peppers.ToDictionary(pair => pair.Key, pair => Convert.FromBase64String(pair.Value)));
}
