using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Accounts;

namespace ServerlessImages.Keys;

/// <summary>Finds out who calls from the key that was sent.</summary>
public sealed class Authenticate(ApiKeyDirectory keys, AccountDirectory accounts, Peppers peppers, TimeProvider clock)
{
    // An unknown key costs the same hash and comparison as a known one.
    private static readonly string NoHash = new('0', 64);

    /// <returns>Or <c>invalid_api_key</c> — one answer for unknown, wrong and revoked — or <c>key_expired</c>.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked: nobody is let in.</exception>
    public async Task<Result<Caller>> RunAsync(string text, CancellationToken cancel)
    {
        if (ApiKeyText.Parse(text) is not { } sent) return ApiError.InvalidApiKey;

        var key = await keys.FindAsync(sent.KeyId, cancel);
        var hash = peppers.Hash(sent, key?.PepperVersion ?? peppers.Current);
        var matches = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash ?? NoHash), Encoding.ASCII.GetBytes(key?.Hash ?? NoHash));
        if (key is null || hash is null || !matches || key.Revoked || key.Livemode != sent.Livemode) return ApiError.InvalidApiKey;
        if (key.ExpiresAt <= clock.GetUtcNow()) return ApiError.KeyExpired;

        var account = await accounts.FindAsync(key.AccountId, cancel);
        return account is null ? ApiError.InvalidApiKey : new Caller(key, account, accounts.PlanOf(account));
    }
}
