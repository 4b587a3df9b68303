using ServerlessImages.Ledger;

namespace ServerlessImages.Keys;

/// <summary>
/// Gives a key a successor on the same terms and the same budget, and lets the old one live on for an overlap, in which its users change over. Also the old one's
/// end is exact: from then on no instance spends with it, whatever it remembers.
/// </summary>
public sealed class RotateApiKey(ApiKeyDirectory keys, MintApiKey mint, RevokeApiKey revoke, AccountLedger ledger, TimeProvider clock)
{
    private readonly KeyEvents events = new(ledger);

    /// <param name="overlap">From zero on.</param>
    /// <returns>Or <c>key_not_found</c>, <c>key_not_active</c>, <c>key_rotated</c>.</returns>
    /// <exception cref="Storage.WriteFateUnknownException">The old key has at most a successor that nobody knows; rotate again, or that one.</exception>
    /// <exception cref="LedgerUnavailableException">It is done, and the old key may be good for up to 30 s longer than it says.</exception>
    public async Task<Result<MintedKey>> RunAsync(LedgerPartition partition, string keyId, TimeSpan overlap, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var old = await keys.FindNowAsync(keyId, cancel);
        if (old is null || old.Partition != partition) return ApiError.KeyNotFound;
        var refusal = RefusalOf(old);
        if (refusal is not null) return refusal;

        // The successor first: were it the other way round, a crash in between would leave its users without any key.
        var minted = mint.Make(partition, old.Terms);
        minted = minted with { Key = minted.Key with { BudgetId = old.BudgetId } };
        await mint.AddAsync(minted.Key, cancel);
        if (await keys.ChangeAsync(keyId, Replaced, cancel) is null)
        {
            await revoke.RunAsync(partition, minted.Key.Id, cancel);
            return refusal ?? ApiError.KeyNotFound;
        }

        await ledger.RaiseKeyGenerationAsync(partition);
        await events.RotatedAsync(old, minted.Key.Id);
        return minted;

        ApiKey? Replaced(ApiKey key)
        {
            refusal = RefusalOf(key);
            if (refusal is not null) return null;
            var end = now + overlap;
            return key with { ReplacedBy = minted.Key.Id, ExpiresAt = key.ExpiresAt < end ? key.ExpiresAt : end };
        }

        ApiError? RefusalOf(ApiKey key)
        {
            if (key.ReplacedBy.Length > 0) return ApiError.KeyRotated(key.ReplacedBy);
            return key.StatusAt(now) == KeyStatus.Active ? null : ApiError.KeyNotActive;
        }
    }
}
