using ServerlessImages.Accounts;

namespace ServerlessImages.Keys;

/// <summary>
/// Lets a member of an account, who is known by a session, call as one of its keys. What authentication asks of a key is asked but for its secret, which only its owner has, and for
/// whence it comes; all that holds for the key's own calls holds for this one.
/// </summary>
public sealed class CallAsKey(ApiKeyDirectory keys, AccountDirectory accounts, KeyUse use, TimeProvider clock)
{
    /// <param name="account">Whose key it has to be.</param>
    /// <param name="keyId">From outside.</param>
    /// <returns>Or <c>key_not_found</c>, <c>key_not_active</c> if it is revoked, <c>key_disabled</c>, <c>key_expired</c>, <c>missing_scope</c>.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked: nobody is let in.</exception>
    public async Task<Result<Caller>> RunAsync(Account account, string keyId, string scope, CancellationToken cancel)
    {
        if (!ApiKeyText.IsKeyId(keyId) || await keys.FindNowAsync(keyId, cancel) is not { } key || key.AccountId != account.Id) return ApiError.KeyNotFound;
        if (key.Revoked) return ApiError.KeyNotActive;
        if (key.RefusalAt(clock.GetUtcNow()) is { } refusal) return refusal;
        if (!key.Scopes.Contains(scope)) return ApiError.MissingScope(scope);

        use.Note(key.Id);
        return new Caller(key, account, accounts.PlanOf(account));
    }
}
