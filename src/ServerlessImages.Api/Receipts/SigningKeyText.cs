using System.Security.Cryptography;

namespace ServerlessImages.Api.Receipts;

/// <summary>A key as an operator writes it into a setting.</summary>
internal static class SigningKeyText
{
    private const string Pem = "-----BEGIN ";

    /// <summary>The curve P-256. Source: RFC 5480, section 2.1.1.1.</summary>
    private const string CurveId = "1.2.840.10045.3.1.7";

    /// <param name="text">PEM, or the base64 inside it on one line: a private key (PKCS#8), or a public one (SubjectPublicKeyInfo).</param>
    /// <exception cref="FormatException">It is neither, or of another curve.</exception>
    public static ECDsa Read(string text)
    {
        var key = ECDsa.Create();
        try
        {
            Import(key, text.Trim());
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == CurveId) return key;
        }
        catch (Exception cause) when (cause is CryptographicException or ArgumentException or FormatException)
        {
            key.Dispose();
            throw new FormatException("The text is no elliptic curve key.", cause);
        }

        key.Dispose();
        throw new FormatException("The key is of another curve.");
    }

    private static void Import(ECDsa key, string text)
    {
        if (text.StartsWith(Pem, StringComparison.Ordinal)) key.ImportFromPem(text);
        else ImportDer(key, Convert.FromBase64String(text));
    }

    private static void ImportDer(ECDsa key, byte[] bytes)
    {
        try
        {
            key.ImportPkcs8PrivateKey(bytes, out _);
        }
        catch (CryptographicException)
        {
            key.ImportSubjectPublicKeyInfo(bytes, out _);
        }
    }
}
