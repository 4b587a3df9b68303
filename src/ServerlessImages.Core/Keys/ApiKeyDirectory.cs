using ServerlessImages.Storage;

namespace ServerlessImages.Keys;

/// <summary>
/// The table <c>keys</c>: PartitionKey is the key id, RowKey is <c>K</c>, so that each key is one point read and no partition is hot.
/// </summary>
/// <remarks>Read through a cache: 30 s for a key that exists, 10 s for one that does not.</remarks>
public sealed class ApiKeyDirectory(ITableStore store, TimeProvider clock)
{
    private const string RowKey = "K";
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AbsenceCachedFor = TimeSpan.FromSeconds(10);
    private readonly ExpiringCache<ApiKey> cache = new(clock, entriesMax: 50_000);

    // Apart, so that made-up keys cannot push real ones out.
    private readonly ExpiringCache<bool> absent = new(clock, entriesMax: 10_000);

    /// <returns>The key, or null.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancel)
    {
        if (cache.TryGet(id, out var cached)) return cached;
        if (absent.TryGet(id, out _)) return null;

        if (await store.FindAsync(TableNames.Keys, id, RowKey, cancel) is not { } row)
        {
            absent.Set(id, true, AbsenceCachedFor);
            return null;
        }

        var key = From(row);
        cache.Set(id, key, CachedFor);
        return key;
    }

    /// <exception cref="WriteFateUnknownException">The key may or may not exist; mint another.</exception>
    public async Task AddAsync(ApiKey key, CancellationToken cancel)
    {
        var result = await store.CommitAsync(TableNames.Keys, key.Id, [RowWrite.Insert(RowKey, ToColumns(key))], cancel);
        if (!result.Applied) throw new InvalidOperationException($"The key id {key.Id} is taken.");
        absent.Remove(key.Id);
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
