using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ServerlessImages.Local;

/// <summary>A receipt as its owner checks it: by the JWS and the published keys alone, whatever the rest of the answer says.</summary>
internal static class ReceiptCheck
{
    /// <returns>The payload that was signed, or null if no published key signed it.</returns>
    /// <exception cref="FormatException">The text is no JWS.</exception>
    public static JsonElement? Verify(string jws, JsonElement keySet)
    {
        if (jws.Split('.') is not [var header, var payload, var signature]) throw new FormatException("A compact JWS has three parts.");

        var kid = JsonElement.Parse(Base64Url.DecodeFromChars(header)).GetProperty("kid").GetString();
        var published = keySet.GetProperty("keys").EnumerateArray().Where(key => key.GetProperty("kid").GetString() == kid).ToArray();
        if (published.Length == 0) return null;

        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Coordinate(published[0], "x"), Y = Coordinate(published[0], "y") } });
        var isGood = key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return isGood ? JsonElement.Parse(Base64Url.DecodeFromChars(payload)) : null;
    }

    private static byte[] Coordinate(JsonElement key, string name) => Base64Url.DecodeFromChars(key.GetProperty(name).GetString());
}
