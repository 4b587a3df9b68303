using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Keys;

/// <summary>
/// The server-side secrets that make a stolen table of key hashes useless. Versioned: a new one is added, keys are hashed under it from then on, and the
/// old one goes when no key names it any more. A fast hash suffices, since a key's secret has 190 random bits.
/// </summary>
public sealed class Peppers
{
    private readonly Dictionary<int, byte[]> byVersion;

    /// <param name="byVersion">Each at least 32 bytes.</param>
    public Peppers(IReadOnlyDictionary<int, byte[]> byVersion)
    {
        if (byVersion.Count == 0 || byVersion.Values.Any(pepper => pepper.Length < 32)) throw new ArgumentException("At least one pepper of at least 32 bytes is needed.", nameof(byVersion));
        this.byVersion = new(byVersion);
    }

    /// <summary>The version under which new keys are hashed: the highest.</summary>
    public int Current => byVersion.Keys.Max();

    /// <returns>The hash in hex, or null for an unknown version; either takes the same work.</returns>
    public string? Hash(ApiKeyText key, int version)
    {
        var known = byVersion.TryGetValue(version, out var pepper);
        var hash = HMACSHA256.HashData(known ? pepper! : byVersion[Current], Encoding.ASCII.GetBytes(key.Text));
        return known ? Convert.ToHexStringLower(hash) : null;
    }

    /// <summary>The current version's mark under a text of ours that a caller will bring back, in hex.</summary>
    /// <param name="purpose">Keeps a mark for one thing from being taken for another.</param>
    public string Sign(string purpose, string text) => Mark(Current, purpose, text);

    /// <returns>Whether one of our versions marked the text for this purpose. In time that does not depend on the mark.</returns>
    public bool IsSigned(string purpose, string text, string mark) =>
        byVersion.Keys.Aggregate(false, (found, version) =>
            CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Mark(version, purpose, text)), Encoding.UTF8.GetBytes(mark)) | found);

    /// <summary>A key of 32 bytes for a purpose of its own.</summary>
    /// <returns>Null for an unknown version.</returns>
    public byte[]? Derive(string purpose, int version) =>
        byVersion.TryGetValue(version, out var pepper) ? HKDF.DeriveKey(HashAlgorithmName.SHA256, pepper, outputLength: 32, info: Encoding.UTF8.GetBytes(purpose)) : null;

    /// <summary>What the upstream is told about who asks: the same for the same end user of the same account, and meaningless without the pepper.</summary>
    public string SafetyIdentifier(string accountId, string endUser) =>
        Sign("safety_identifier", $"{accountId}\n{endUser}");

    private string Mark(int version, string purpose, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(byVersion[version], Encoding.UTF8.GetBytes($"{purpose}\n{text}")));
}
