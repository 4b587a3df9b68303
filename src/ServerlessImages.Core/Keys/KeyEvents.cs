using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Ledger;

namespace ServerlessImages.Keys;

/// <summary>Tells an account what was done to its keys. What can happen to a key only once is told once, however often it is told. Never a key's text.</summary>
public sealed class KeyEvents(AccountLedger ledger)
{
    public Task CreatedAsync(ApiKey key) => TellAsync(EventTypes.KeyCreated, key, null);

    /// <param name="successorId">The key that takes its place.</param>
    public Task RotatedAsync(ApiKey key, string successorId) => TellAsync(EventTypes.KeyRotated, key, successorId);

    public Task RevokedAsync(ApiKey key) => TellAsync(EventTypes.KeyRevoked, key, null);

    public Task DisabledAsync(ApiKey key) => TellAsync(EventTypes.KeyDisabled, key, null, once: null);

    private Task<long> TellAsync(string type, ApiKey key, string? successorId) => TellAsync(type, key, successorId, $"{type}:{key.Id}");

    private Task<long> TellAsync(string type, ApiKey key, string? successorId, string? once)
    {
        var data = JsonSerializer.SerializeToElement(new { key_id = key.Id, scopes = key.Scopes, expires_at = key.ExpiresAt?.ToUnixTimeSeconds(), successor_key_id = successorId });
        return ledger.AnnounceAsync(new LedgerPartition(key.AccountId, key.Livemode), new EventFact(type, data), once);
    }
}
