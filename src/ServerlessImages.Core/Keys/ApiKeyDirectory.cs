using ServerlessImages.Storage;

namespace ServerlessImages.Keys;

/// <summary>
/// The table <c>keys</c>. PartitionKey is the key id, so that each key is one point read and no partition is hot; RowKey is <c>K</c> for the key, and <c>U</c>
/// for when it was last used (<see cref="KeyUse"/>). The list of an account's keys is in partitions of its own: <see cref="KeyList"/>.
/// </summary>
/// <remarks>Read through a cache: 30 s for a key that exists, 10 s for one that does not.</remarks>
public sealed class ApiKeyDirectory(ITableStore store, TimeProvider clock)
{
    private const string RowKey = "K";
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AbsenceCachedFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GenerationKeptFor = TimeSpan.FromHours(1);
    private readonly ExpiringCache<ApiKey> cache = new(clock, entriesMax: 50_000);

    private readonly ExpiringCache<long> generations = new(clock, entriesMax: 50_000);

    // Apart, so that made-up keys cannot push real ones out.
    private readonly ExpiringCache<bool> absent = new(clock, entriesMax: 10_000);

    /// <returns>The key, or null.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancel)
    {
        if (cache.TryGet(id, out var cached)) return cached;
        return absent.TryGet(id, out _) ? null : await FindNowAsync(id, cancel);
    }

    /// <summary>The same past the cache: for who manages keys, and must see what another instance did.</summary>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public async Task<ApiKey?> FindNowAsync(string id, CancellationToken cancel)
    {
        if (await store.FindAsync(TableNames.Keys, id, RowKey, cancel) is not { } row)
        {
            absent.Set(id, true, AbsenceCachedFor);
            return null;
        }

        var key = ApiKeyRow.From(row);
        cache.Set(id, key, CachedFor);
        return key;
    }

    /// <summary>A key of one account, past the cache. What is no key id is never a key of the store.</summary>
    /// <returns>Null if the account has no such key, also if another has.</returns>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public async Task<ApiKey?> FindOwnAsync(string accountId, string id, CancellationToken cancel) =>
        ApiKeyText.IsKeyId(id) && await FindNowAsync(id, cancel) is { } key && key.AccountId == accountId ? key : null;

    /// <summary>The generation of the account's keys (<see cref="Ledger.Balance.KeyGeneration"/>) at which the key was last read past the cache.</summary>
    public long GenerationOf(string id) => generations.TryGet(id, out var generation) ? generation : 0;

    /// <summary>Reads the key past the cache, because keys of its account were revoked.</summary>
    /// <param name="generation">Seen before this call: revoking writes the key first, so that what is read now is at least as new.</param>
    /// <returns>Whether it is still good.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<bool> IsGoodAtAsync(string id, long generation, CancellationToken cancel)
    {
        if (await FindNowAsync(id, cancel) is not { } key || key.RefusalAt(clock.GetUtcNow()) is not null) return false;
        generations.Set(id, generation, GenerationKeptFor);
        return true;
    }

    /// <summary>Marks the key as revoked. Calling again changes nothing.</summary>
    /// <returns>False if there is no such key.</returns>
    /// <exception cref="WriteFateUnknownException">The key may or may not be revoked; revoke again.</exception>
    public async Task<bool> RevokeAsync(string id, CancellationToken cancel) => await ChangeAsync(id, key => key with { Revoked = true }, cancel) is not null;

    /// <summary>Changes the key as it is now.</summary>
    /// <param name="change">Null leaves it as it is. Called again when another change came in between.</param>
    /// <returns>The key as it then is; null if there is none, or if it was left.</returns>
    /// <exception cref="WriteFateUnknownException">The key may or may not be changed; change it again.</exception>
    public async Task<ApiKey?> ChangeAsync(string id, Func<ApiKey, ApiKey?> change, CancellationToken cancel)
    {
        while (await store.FindAsync(TableNames.Keys, id, RowKey, cancel) is { } row)
        {
            if (change(ApiKeyRow.From(row)) is not { } changed) return null;
            var write = RowWrite.Replace(RowKey, ApiKeyRow.ToColumns(changed), row.ETag);
            if (!(await store.CommitAsync(TableNames.Keys, id, [write], cancel)).Applied) continue;
            cache.Remove(id);
            return changed;
        }

        return null;
    }

    /// <exception cref="WriteFateUnknownException">The key may or may not exist; mint another.</exception>
    public async Task AddAsync(ApiKey key, CancellationToken cancel)
    {
        var result = await store.CommitAsync(TableNames.Keys, key.Id, [RowWrite.Insert(RowKey, ApiKeyRow.ToColumns(key))], cancel);
        if (!result.Applied) throw new InvalidOperationException($"The key id {key.Id} is taken.");
        absent.Remove(key.Id);
    }
}
