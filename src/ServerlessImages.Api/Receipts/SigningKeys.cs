using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ServerlessImages.Receipts;

namespace ServerlessImages.Api.Receipts;

/// <summary>The keys of receipts: the highest version signs, all are published, so that a receipt stays checkable after its key's time.</summary>
internal sealed class SigningKeys : IDisposable
{
    /// <summary>The framework does not promise that one key may sign twice at once.</summary>
    private readonly Lock gate = new();

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
    public string Sign(ReadOnlySpan<byte> payload) => CompactJws.Write(Published[0].Thumbprint, payload, SignBytes);

    public void Dispose() => current.Dispose();

    private byte[] SignBytes(byte[] bytes)
    {
        lock (gate) return current.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static PublicKey PublicHalf(string text)
    {
        using var key = SigningKeyText.Read(text);
        return PublicKey.Of(key.ExportParameters(includePrivateParameters: false).Q);
    }
}
