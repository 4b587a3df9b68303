using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>
/// Which partitions may have open holds, so that sweepers need not scan the ledger: the table <c>open</c>. PartitionKey is <c>00</c> to <c>15</c>, by hash of
/// the ledger partition; RowKey is the ledger partition; <c>TouchedAt</c> is in Unix milliseconds.
/// </summary>
/// <remarks>
/// A row is touched before an instance's first hold in an hour and removed only when untouched for two: no hold is ever made in a partition that is not listed.
/// </remarks>
public sealed class OpenPartitions(ITableStore store, TimeProvider clock)
{
    private const int Shards = 16;
    private const string TouchedAt = nameof(TouchedAt);
    private static readonly TimeSpan TouchedFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(2);

    private readonly ExpiringCache<bool> touched = new(clock, entriesMax: 100_000);

    /// <summary>The shards to walk, each with <see cref="PageAsync"/>.</summary>
    public static IReadOnlyList<string> AllShards { get; } = [.. Enumerable.Range(0, Shards).Select(Shard)];

    /// <exception cref="WriteFateUnknownException">It is not known whether the partition is listed: no hold may be made.</exception>
    public async Task TouchAsync(LedgerPartition partition)
    {
        if (touched.TryGet(partition.Key, out _)) return;

        var row = RowWrite.Upsert(partition.Key, new Columns { { TouchedAt, clock.GetUtcNow().ToUnixTimeMilliseconds() } });
        await store.CommitAsync(TableNames.Open, ShardOf(partition), [row], CancellationToken.None);
        touched.Set(partition.Key, true, TouchedFor);
    }

    public Task<IReadOnlyList<Row>> PageAsync(string shard, string after, int limit, CancellationToken cancel) =>
        store.RangeAsync(TableNames.Open, shard, after + "!", "~", limit, cancel);

    /// <summary>Removes a partition that was found without holds, if nobody has touched it lately or does so meanwhile.</summary>
    public async Task RemoveAsync(Row row, CancellationToken cancel)
    {
        var touchedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(TouchedAt));
        if (clock.GetUtcNow() - touchedAt < KeptFor) return;
        await store.CommitAsync(TableNames.Open, row.Partition, [RowWrite.Delete(row.Key, row.ETag)], cancel);
    }

    private static string ShardOf(LedgerPartition partition) => Shard(SHA256.HashData(Encoding.UTF8.GetBytes(partition.Key))[0] % Shards);

    private static string Shard(int number) => number.ToString("D2", CultureInfo.InvariantCulture);
}
