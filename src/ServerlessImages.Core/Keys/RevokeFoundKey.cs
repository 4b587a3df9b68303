using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Keys;

/// <summary>Revokes a key for whoever found it: having it is enough to end it, and ends nothing else.</summary>
public sealed class RevokeFoundKey(ApiKeyDirectory keys, RevokeApiKey revoke, Peppers peppers)
{
    /// <param name="text">The whole key.</param>
    /// <returns>The key's public part, also if it was revoked before; null if there is no such key.</returns>
    /// <inheritdoc cref="RevokeApiKey.RunAsync" path="/exception"/>
    public async Task<string?> RunAsync(string text, CancellationToken cancel)
    {
        if (ApiKeyText.Parse(text) is not { } found || await keys.FindAsync(found.KeyId, cancel) is not { } key) return null;
        var hash = peppers.Hash(found, key.PepperVersion);
        var isIt = hash is not null && key.Hash.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(key.Hash));
        return isIt && await revoke.RunAsync(key.Partition, key.Id, cancel) ? key.Id : null;
    }
}
