using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Keys;

/// <summary>
/// Which keys an account has, newest first: rows of the table <c>keys</c> whose PartitionKey is the <see cref="LedgerPartition"/>, which no key id looks like.
/// RowKey is <c>N|{time counted down}|{key id}</c> until the key is revoked, and <c>R|…</c> from then on.
/// </summary>
/// <remarks>A key is listed before it exists, so that none works that its owner cannot see; what was listed and never came to be is passed over.</remarks>
public sealed class KeyList(ITableStore store, ApiKeyDirectory keys)
{
    /// <summary>How many keys that are not revoked an account may have, test keys apart.</summary>
    public const int KeysMax = 1_000;

    private const string Present = "N|";
    private const string Revoked = "R|";

    /// <exception cref="WriteFateUnknownException">It may or may not be listed, and does not exist yet.</exception>
    public Task AddAsync(ApiKey key, CancellationToken cancel) => store.CommitAsync(TableNames.Keys, key.Partition.Key, [RowWrite.Upsert(Present + Place(key), [])], cancel);

    /// <summary>Moves a key among the revoked ones. Calling again changes nothing.</summary>
    /// <exception cref="WriteFateUnknownException">It is listed among those or these, and says itself that it is revoked.</exception>
    public async Task MoveToRevokedAsync(ApiKey key, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Keys, key.Partition.Key, Present + Place(key), cancel);
        RowWrite[] writes = row is null ? [RowWrite.Upsert(Revoked + Place(key), [])] : [RowWrite.Delete(row.Key, row.ETag), RowWrite.Upsert(Revoked + Place(key), [])];
        await store.CommitAsync(TableNames.Keys, key.Partition.Key, writes, cancel);
    }

    public async Task<bool> IsFullAsync(LedgerPartition partition, CancellationToken cancel) =>
        (await store.RangeAsync(TableNames.Keys, partition.Key, Present, Past(Present), KeysMax, cancel)).Count >= KeysMax;

    /// <param name="after">The last key of the page before, or null.</param>
    public async Task<KeyPage> PageAsync(LedgerPartition partition, bool revoked, ApiKey? after, int limit, CancellationToken cancel)
    {
        var kind = revoked ? Revoked : Present;
        var from = after is null ? kind : kind + Place(after) + "!";
        var rows = await store.RangeAsync(TableNames.Keys, partition.Key, from, Past(kind), limit + 1, cancel);
        var found = await Task.WhenAll(rows.Take(limit).Select(row => SeenAsync(row.Key[(row.Key.LastIndexOf('|') + 1)..], cancel)));
        return new([.. found.OfType<SeenKey>()], rows.Count > limit);
    }

    /// <returns>The key as it is now, with its last use; null if there is none.</returns>
    public async Task<SeenKey?> SeenAsync(string id, CancellationToken cancel) =>
        await keys.FindNowAsync(id, cancel) is { } key ? new SeenKey(key, KeyUse.From(await store.FindAsync(TableNames.Keys, id, KeyUse.RowKey, cancel))) : null;

    private static string Place(ApiKey key) => string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - key.Created.ToUnixTimeMilliseconds():D15}|{key.Id}");

    /// <summary>The first key after every row of a kind.</summary>
    private static string Past(string kind) => kind[..1] + "}";
}

/// <param name="LastUsed">To the hour; null if it never was.</param>
public sealed record SeenKey(ApiKey Key, DateTimeOffset? LastUsed);

public sealed record KeyPage(IReadOnlyList<SeenKey> Keys, bool HasMore);
