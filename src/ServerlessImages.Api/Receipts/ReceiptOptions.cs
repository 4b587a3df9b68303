using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;

namespace ServerlessImages.Api.Receipts;

/// <summary>The keys under which receipts are signed.</summary>
public sealed class ReceiptOptions : IValidatableObject
{
    public const string Section = "Receipts";

    /// <summary>
    /// Keys on P-256 by version, each as PEM or as the base64 inside it. The highest version signs, so it is a private key (PKCS#8); all are published. Of an
    /// older one the public half suffices. Source: Key Vault.
    /// </summary>
    [Required]
    public Dictionary<int, string> SigningKeys { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SigningKeys.Count == 0) yield return new ValidationResult("Receipts:SigningKeys has no key, so that nobody could prove what they paid. Make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256");

        foreach (var (version, text) in SigningKeys)
        {
            if (ProblemOf(version, text) is { } problem) yield return new ValidationResult($"Receipts:SigningKeys:{version} {problem}");
        }
    }

    private string? ProblemOf(int version, string text)
    {
        try
        {
            using var key = SigningKeyText.Read(text);
            if (version < SigningKeys.Keys.Max()) return null;
            key.SignData([], HashAlgorithmName.SHA256);
            return null;
        }
        catch (FormatException)
        {
            return "is no key on the curve P-256, as PEM or as the base64 inside it.";
        }
        catch (CryptographicException)
        {
            return "is the highest and signs: it has to be a private key.";
        }
    }
}
