using System.Text;

namespace ServerlessImages.Keys;

/// <summary>
/// The text of an API key: <c>si_live_{key id:12}{secret:32}{checksum:6}</c>, or <c>si_test_…</c>, base62. The key id (71 bits) is public, the secret has
/// 190 random bits; the checksum is the CRC-32 of all before it, so that a typo or a scanner's find is told from a key without asking a store.
/// </summary>
/// <remarks>For secret scanners: <c>si_(live|test)_[0-9A-Za-z]{50}</c>. Source of the idea: github.blog, "Behind GitHub's new authentication token formats", 2021-04-05.</remarks>
public sealed record ApiKeyText
{
    private const string LivePrefix = "si_live_";
    private const string TestPrefix = "si_test_";
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int KeyIdLength = 12;
    private const int SecretLength = 32;
    private const int ChecksumLength = 6;
    private const int PrefixLength = 8;
    private const int Length = PrefixLength + KeyIdLength + SecretLength + ChecksumLength;

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create(Alphabet);

    private ApiKeyText(string text) => Text = text;

    /// <summary>The whole key, secret and all. Shown once to its owner, never stored, never logged.</summary>
    public string Text { get; }

    public bool Livemode => Text.StartsWith(LivePrefix, StringComparison.Ordinal);

    public string KeyId => Text.Substring(PrefixLength, KeyIdLength);

    public static ApiKeyText Mint(IEntropy entropy, bool livemode)
    {
        var body = PrefixOf(livemode) + Base62(entropy, KeyIdLength + SecretLength);
        return new ApiKeyText(body + Checksum(body));
    }

    /// <returns>The key, or null if it is not one: wrong prefix, length, characters or checksum.</returns>
    public static ApiKeyText? Parse(string text)
    {
        var isShaped = text.Length == Length
            && (text.StartsWith(LivePrefix, StringComparison.Ordinal) || text.StartsWith(TestPrefix, StringComparison.Ordinal))
            && text.AsSpan(PrefixLength).IndexOfAnyExcept(Letters) < 0;
        return isShaped && text.AsSpan(Length - ChecksumLength).SequenceEqual(Checksum(text[..^ChecksumLength])) ? new ApiKeyText(text) : null;
    }

    /// <summary>Whether this can be a key's public part; anything else never reaches a store.</summary>
    public static bool IsKeyId(string text) => text.Length == KeyIdLength && text.AsSpan().IndexOfAnyExcept(Letters) < 0;

    internal static string PrefixOf(bool livemode) => livemode ? LivePrefix : TestPrefix;

    public override string ToString() => $"{Text[..PrefixLength]}{KeyId}…";

    private static string Base62(IEntropy entropy, int length)
    {
        var text = new StringBuilder(length);
        Span<byte> random = stackalloc byte[64];
        while (text.Length < length)
        {
            entropy.Fill(random);
            foreach (var each in random)
            {
                // 248 = 4 × 62: the bytes above it would make some letters likelier than others.
                if (each < 248 && text.Length < length) text.Append(Alphabet[each % 62]);
            }
        }

        return text.ToString();
    }

    private static string Checksum(string body)
    {
        var value = Crc32(Encoding.ASCII.GetBytes(body));
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var index = ChecksumLength - 1; index >= 0; index--)
        {
            digits[index] = Alphabet[(int)(value % 62)];
            value /= 62;
        }

        return new string(digits);
    }

    /// <summary>CRC-32 as in zip and PNG (polynomial 0xEDB88320, reflected).</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var each in bytes)
        {
            crc ^= each;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }

        return ~crc;
    }
}
