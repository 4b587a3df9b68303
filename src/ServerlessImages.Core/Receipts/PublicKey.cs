using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Receipts;

/// <summary>The public half of a P-256 key as a JSON Web Key has it.</summary>
/// <param name="X">The point's first coordinate: 32 bytes in base64url.</param>
/// <param name="Y">The second.</param>
public sealed record PublicKey(string X, string Y)
{
    public const string KeyType = "EC";
    public const string Curve = "P-256";

    /// <summary>The key's name: the SHA-256 of its required members, in lexicographic order and without spaces. Source: RFC 7638, section 3.</summary>
    public string Thumbprint { get; } =
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"{{Curve}}","kty":"{{KeyType}}","x":"{{X}}","y":"{{Y}}"}""")));

    public static PublicKey Of(ECPoint point) => new(Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
}
