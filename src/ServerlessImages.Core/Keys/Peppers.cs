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

    /// <returns>The hash in hex; of an unknown version, one that no key has.</returns>
    public string Hash(ApiKeyText key, int version)
    {
        var known = byVersion.TryGetValue(version, out var pepper);
        var hash = HMACSHA256.HashData(known ? pepper! : byVersion[Current], Encoding.ASCII.GetBytes(key.Text));
        return known ? Convert.ToHexStringLower(hash) : "";
    }

    /// <summary>What the upstream is told about who asks: the same for the same end user of the same account, and meaningless without the pepper.</summary>
    public string SafetyIdentifier(string accountId, string endUser) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(byVersion[Current], Encoding.UTF8.GetBytes($"safety_identifier\n{accountId}\n{endUser}")));
}
