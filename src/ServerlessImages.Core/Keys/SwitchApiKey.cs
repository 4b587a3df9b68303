using ServerlessImages.Ledger;

namespace ServerlessImages.Keys;

/// <summary>Renames a key, switches it off, or on again. Spending with a key that is switched off ends at once, as with a revoked one.</summary>
public sealed class SwitchApiKey(ApiKeyDirectory keys, AccountLedger ledger)
{
    private readonly KeyEvents events = new(ledger);

    /// <summary>Calling again changes nothing; each call that switches off is told.</summary>
    /// <param name="name">Null keeps it.</param>
    /// <param name="disabled">Null keeps it.</param>
    /// <returns>Or <c>key_not_found</c>; <c>key_not_active</c> for one that is revoked.</returns>
    /// <exception cref="Storage.WriteFateUnknownException">It may or may not be changed; change it again.</exception>
    /// <exception cref="LedgerUnavailableException">It is changed, and may go on spending for up to 30 s; change it again.</exception>
    public async Task<Result<ApiKey>> RunAsync(LedgerPartition partition, string keyId, string? name, bool? disabled, CancellationToken cancel)
    {
        var key = await keys.FindNowAsync(keyId, cancel);
        if (key is null || key.Partition != partition) return ApiError.KeyNotFound;

        var changed = await keys.ChangeAsync(keyId, each => each.Revoked ? null : each with { Name = name ?? each.Name, Disabled = disabled ?? each.Disabled }, cancel);
        if (changed is null) return ApiError.KeyNotActive;
        if (disabled != true) return changed;

        await ledger.RaiseKeyGenerationAsync(partition);
        await events.DisabledAsync(changed);
        return changed;
    }
}
