using ServerlessImages.Storage;

namespace ServerlessImages.Keys;

/// <summary>
/// The table <c>keys</c>: PartitionKey is the key id, RowKey is <c>K</c>, so that each key is one point read and no partition is hot. Which keys an account has
/// is in the table <c>accounts</c>: PartitionKey is the account, RowKey <c>K|{key id}</c>, written first: no key is missing there.
/// </summary>
/// <remarks>Read through a cache: 30 s for a key that exists, 10 s for one that does not.</remarks>
public sealed class ApiKeyDirectory(ITableStore store, TimeProvider clock)
{
    private const string RowKey = "K";
    private const string OfAccountStart = "K|";
    private const string OfAccountEnd = "K}";
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
        return absent.TryGet(id, out _) ? null : await ReadAsync(id, cancel);
    }

    /// <summary>The generation of the account's keys (<see cref="Ledger.Balance.KeyGeneration"/>) at which the key was last read past the cache.</summary>
    public long GenerationOf(string id) => generations.TryGet(id, out var generation) ? generation : 0;

    /// <summary>Reads the key past the cache, because keys of its account were revoked.</summary>
    /// <param name="generation">Seen before this call: revoking writes the key first, so that what is read now is at least as new.</param>
    /// <returns>Whether it is still good.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<bool> IsGoodAtAsync(string id, long generation, CancellationToken cancel)
    {
        if (await ReadAsync(id, cancel) is not { Revoked: false } key || key.ExpiresAt <= clock.GetUtcNow()) return false;
        generations.Set(id, generation, GenerationKeptFor);
        return true;
    }

    /// <summary>Marks the key as revoked. Calling again changes nothing.</summary>
    /// <returns>False if there is no such key.</returns>
    /// <exception cref="WriteFateUnknownException">The key may or may not be revoked; revoke again.</exception>
    public async Task<bool> RevokeAsync(string id, CancellationToken cancel)
    {
        while (await store.FindAsync(TableNames.Keys, id, RowKey, cancel) is { } row)
        {
            var write = RowWrite.Replace(RowKey, ToColumns(From(row) with { Revoked = true }), row.ETag);
            if (!(await store.CommitAsync(TableNames.Keys, id, [write], cancel)).Applied) continue;
            cache.Remove(id);
            return true;
        }

        return false;
    }

    /// <exception cref="WriteFateUnknownException">The key may or may not exist; mint another.</exception>
    public async Task AddAsync(ApiKey key, CancellationToken cancel)
    {
        await store.CommitAsync(TableNames.Accounts, key.AccountId, [RowWrite.Upsert(OfAccountStart + key.Id, [])], cancel);
        var result = await store.CommitAsync(TableNames.Keys, key.Id, [RowWrite.Insert(RowKey, ToColumns(key))], cancel);
        if (!result.Applied) throw new InvalidOperationException($"The key id {key.Id} is taken.");
        absent.Remove(key.Id);
    }

    /// <summary>A page of an account's keys, by their ids, as they are now.</summary>
    /// <param name="after">The id of the last one of the page before, or "".</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<ApiKey>> OfAccountAsync(string accountId, string after, int limit, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Accounts, accountId, after.Length == 0 ? OfAccountStart : OfAccountStart + after + "!", OfAccountEnd, limit, cancel);
        return [.. (await Task.WhenAll(rows.Select(row => ReadAsync(row.Key[OfAccountStart.Length..], cancel)))).OfType<ApiKey>()];
    }

    private async Task<ApiKey?> ReadAsync(string id, CancellationToken cancel)
    {
        if (await store.FindAsync(TableNames.Keys, id, RowKey, cancel) is not { } row)
        {
            absent.Set(id, true, AbsenceCachedFor);
            return null;
        }

        var key = From(row);
        cache.Set(id, key, CachedFor);
        return key;
    }

    private static Columns ToColumns(ApiKey key) => new()
    {
        { nameof(ApiKey.AccountId), key.AccountId },
        { nameof(ApiKey.Livemode), key.Livemode ? 1 : 0 },
        { nameof(ApiKey.Hash), key.Hash },
        { nameof(ApiKey.PepperVersion), key.PepperVersion },
        { nameof(ApiKey.Scopes), string.Join(' ', key.Scopes) },
        { nameof(ApiKey.Created), key.Created.ToUnixTimeMilliseconds() },
        { nameof(ApiKey.ExpiresAt), key.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0 },
        { nameof(ApiKey.Revoked), key.Revoked ? 1 : 0 },
    };

    private static ApiKey From(Row row)
    {
        var columns = row.Columns;
        var expiresAt = columns.Integer(nameof(ApiKey.ExpiresAt));
        return new ApiKey(
            row.Partition,
            columns.Text(nameof(ApiKey.AccountId)),
            columns.Integer(nameof(ApiKey.Livemode)) != 0,
            columns.Text(nameof(ApiKey.Hash)),
            checked((int)columns.Integer(nameof(ApiKey.PepperVersion))),
            columns.Text(nameof(ApiKey.Scopes)).Split(' ', StringSplitOptions.RemoveEmptyEntries),
            DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(ApiKey.Created))),
            expiresAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(expiresAt),
            columns.Integer(nameof(ApiKey.Revoked)) != 0);
    }
}
