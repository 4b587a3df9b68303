using System.Buffers.Text;
using System.Text;

namespace ServerlessImages.Receipts;

/// <summary>
/// A JSON Web Signature in its compact form: header, payload and signature in base64url, with dots between. Source: RFC 7515, section 7.1.
/// </summary>
public static class CompactJws
{
    /// <summary>The algorithm's name: ECDSA over P-256 with SHA-256, the signature as r ‖ s of 32 bytes each. Source: RFC 7518, section 3.4.</summary>
    public const string Algorithm = "ES256";

    /// <summary>Says what the payload is, so that no other signed text of ours can be taken for it. Source: RFC 8725, section 3.11.</summary>
    public const string Type = "receipt+jwt";

    /// <param name="keyId">Of the key that signs: a thumbprint, which needs no escaping in JSON.</param>
    /// <param name="sign">Signs bytes as <see cref="Algorithm"/> says. Such a signature has randomness in it, which is not for this project to make.</param>
    public static string Write(string keyId, ReadOnlySpan<byte> payload, Func<byte[], byte[]> sign)
    {
        var header = Encoding.ASCII.GetBytes($$"""{"alg":"{{Algorithm}}","kid":"{{keyId}}","typ":"{{Type}}"}""");
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
