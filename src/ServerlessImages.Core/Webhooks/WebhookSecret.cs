using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>What a signing secret is made from, together with a pepper that is not in the store: whoever reads the table cannot sign.</summary>
/// <param name="Nonce">16 random bytes in hex.</param>
public sealed record SecretSeed(string Nonce, int PepperVersion)
{
    private const int NonceBytes = 16;

    public static SecretSeed Next(IEntropy entropy, Peppers peppers)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        entropy.Fill(nonce);
        return new SecretSeed(Convert.ToHexStringLower(nonce), peppers.Current);
    }

    public void AddTo(Columns columns, string prefix)
    {
        columns.Add(prefix + nameof(Nonce), Nonce);
        columns.Add(prefix + nameof(PepperVersion), PepperVersion);
    }

    public static SecretSeed? From(Columns columns, string prefix) =>
        columns.Text(prefix + nameof(Nonce)) is { Length: > 0 } nonce ? new SecretSeed(nonce, (int)columns.Integer(prefix + nameof(PepperVersion))) : null;
}

/// <summary>The secret, and for a while after it was rotated the one before: messages are then signed with both.</summary>
public sealed record SecretPair(SecretSeed Current, SecretSeed? Previous, DateTimeOffset PreviousUntil)
{
    public IEnumerable<SecretSeed> At(DateTimeOffset now) => Previous is not null && now < PreviousUntil ? [Current, Previous] : [Current];
}

/// <summary>Signs as Standard Webhooks 1.0 says. Source: github.com/standard-webhooks, spec/standard-webhooks.md.</summary>
public sealed class WebhookSigner(Peppers peppers)
{
    private const string SecretPrefix = "whsec_";
    private const string Version = "v1,";

    /// <summary>The secret as its owner is shown it once: <c>whsec_</c> and 32 bytes in base64.</summary>
    /// <exception cref="InvalidOperationException">Its pepper is no longer among the settings.</exception>
    public string TextOf(LedgerPartition partition, string endpoint, SecretSeed seed) => SecretPrefix + Convert.ToBase64String(BytesOf(partition, endpoint, seed));

    /// <returns>The header <c>webhook-signature</c>: one signature for each secret, with spaces between.</returns>
    public string Sign(LedgerPartition partition, WebhookEndpoint endpoint, string id, DateTimeOffset now, string body)
    {
        var content = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{now.ToUnixTimeSeconds()}.{body}"));
        return string.Join(' ', endpoint.Secrets.At(now).Select(seed => Version + Convert.ToBase64String(HMACSHA256.HashData(BytesOf(partition, endpoint.Id, seed), content))));
    }

    private byte[] BytesOf(LedgerPartition partition, string endpoint, SecretSeed seed) =>
        peppers.Derive("webhook_secret", seed.PepperVersion) is { } key
            ? HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{partition.Key}\n{endpoint}\n{seed.Nonce}"))
            : throw new InvalidOperationException($"The secret of the endpoint {endpoint} was made with the pepper {seed.PepperVersion}, which is no longer there.");
}
