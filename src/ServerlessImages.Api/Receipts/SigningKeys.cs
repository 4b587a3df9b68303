using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ServerlessImages.Receipts;

namespace ServerlessImages.Api.Receipts;

/// <summary>The keys of receipts: the highest version signs, all are published, so that a receipt stays checkable after its key's time.</summary>
internal sealed class SigningKeys : IDisposable
{
    private readonly ECDsa current;

    public SigningKeys(IOptions<ReceiptOptions> options)
    {
        var newestFirst = options.Value.SigningKeys.OrderByDescending(pair => pair.Key).Select(pair => pair.Value).ToArray();
        current = SigningKeyText.Read(newestFirst[0]);
        Published = [.. newestFirst.Select(PublicHalf)];
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<PublicKey> Published { get; }

    /// <returns>The compact JWS of the payload.</returns>
    public string Sign(ReadOnlySpan<byte> payload) =>
        CompactJws.Write(Published[0].Thumbprint, payload, bytes => current.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    public void Dispose() => current.Dispose();

    private static PublicKey PublicHalf(string text)
    {
        using var key = SigningKeyText.Read(text);
        return PublicKey.Of(key.ExportParameters(includePrivateParameters: false).Q);
    }
}
