using ServerlessImages.Ledger;

namespace ServerlessImages.Keys;

/// <summary>
/// Revokes a key. Reading with it ends within the directory's 30 s; spending ends with this call, whatever other instances remember: its row is written first
/// and the generation of the account's keys is raised after it, in the balance that every hold has to lead with.
/// </summary>
public sealed class RevokeApiKey(ApiKeyDirectory keys, KeyList list, AccountLedger ledger)
{
    private readonly KeyEvents events = new(ledger);

    /// <summary>Calling again changes nothing; the account is told once.</summary>
    /// <returns>False if the account has no such key.</returns>
    /// <exception cref="Storage.WriteFateUnknownException">The key may or may not be revoked; revoke again.</exception>
    /// <exception cref="LedgerUnavailableException">It is revoked, and may go on spending for a short while; revoke again.</exception>
    public async Task<bool> RunAsync(LedgerPartition partition, string keyId, CancellationToken cancel)
    {
        var key = await keys.FindNowAsync(keyId, cancel);
        if (key is null || key.Partition != partition) return false;

        await keys.RevokeAsync(keyId, cancel);
        await ledger.RaiseKeyGenerationAsync(partition);
        await list.MoveToRevokedAsync(key, cancel);
        await events.RevokedAsync(key);
        return true;
    }
}
