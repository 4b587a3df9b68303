using System.Net;
using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Accounts;

namespace ServerlessImages.Keys;

/// <summary>Finds out who calls from the key that was sent.</summary>
public sealed class Authenticate(ApiKeyDirectory keys, AccountDirectory accounts, KeyUse use, Peppers peppers, TimeProvider clock)
{
    // An unknown key costs the same hash and comparison as a known one.
    private static readonly string NoHash = new('0', 64);

    /// <param name="from">Whence it was sent; null where that is not known.</param>
    /// <returns>
    /// Or <c>invalid_api_key</c> — one answer for unknown, wrong and revoked — or, to who has the whole key, <c>key_disabled</c>, <c>key_expired</c>,
    /// <c>client_address_unknown</c>, <c>address_not_allowed</c>.
    /// </returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked: nobody is let in.</exception>
    public async Task<Result<Caller>> RunAsync(string text, IPAddress? from, CancellationToken cancel)
    {
        if (ApiKeyText.Parse(text) is not { } sent) return ApiError.InvalidApiKey;

        var key = await keys.FindAsync(sent.KeyId, cancel);
        var hash = peppers.Hash(sent, key?.PepperVersion ?? peppers.Current);
        var matches = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash ?? NoHash), Encoding.ASCII.GetBytes(key?.Hash ?? NoHash));
        if (key is null || hash is null || !matches || key.Livemode != sent.Livemode) return ApiError.InvalidApiKey;
        if ((key.RefusalAt(clock.GetUtcNow()) ?? key.RefusalFrom(from)) is { } refusal) return refusal;

        var account = await accounts.FindAsync(key.AccountId, cancel);
        if (account is null) return ApiError.InvalidApiKey;
        use.Note(key.Id);
        return new Caller(key, account, accounts.PlanOf(account));
    }
}
