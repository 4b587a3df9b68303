using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>
/// Which partitions may have open holds, credit that expires, a day that is not closed or usage that is not reported, so that nobody needs to scan the ledger: the table <c>open</c>. PartitionKey is <c>00</c> to <c>15</c>, by hash of
/// the ledger partition; RowKey is the ledger partition; <c>TouchedAt</c> is in Unix milliseconds.
/// </summary>
/// <remarks>
/// A row is touched before an instance's first hold in an hour. When it is untouched for two, a sweeper that finds no hold marks it as <c>Swept</c>, which the next
/// touch takes away, and whoever has closed its books then removes it: nothing is ever held in a partition that is not listed, and nothing waits there to be invoiced.
/// Where credit expires, <c>ExpiresAt</c> says when first: the partition stays, and is left alone until then.
/// </remarks>
public sealed class OpenPartitions(ITableStore store, TimeProvider clock)
{
    private const int Shards = 16;
    private const int PageSize = 500;
    private const string TouchedAt = nameof(TouchedAt);
    private const string Swept = nameof(Swept);
    private const string ExpiresAt = nameof(ExpiresAt);
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

    /// <summary>All that are listed.</summary>
    /// <exception cref="StoreUnavailableException">The list could not be read to its end.</exception>
    public async IAsyncEnumerable<Row> AllAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var shard in AllShards)
        {
            await foreach (var row in AllAsync(shard, cancel)) yield return row;
        }
    }

    /// <summary>All of a shard.</summary>
    /// <inheritdoc cref="AllAsync(CancellationToken)" path="/exception"/>
    public async IAsyncEnumerable<Row> AllAsync(string shard, [EnumeratorCancellation] CancellationToken cancel)
    {
        IReadOnlyList<Row> page = [];
        do
        {
            page = await PageAsync(shard, page.Count == 0 ? "" : page[^1].Key, PageSize, cancel);
            foreach (var row in page) yield return row;
        }
        while (page.Count == PageSize);
    }

    public Task<IReadOnlyList<Row>> PageAsync(string shard, string after, int limit, CancellationToken cancel) =>
        store.RangeAsync(TableNames.Open, shard, after + "!", "~", limit, cancel);

    /// <summary>Whether it was found without holds and nobody has touched it since.</summary>
    public static bool IsSwept(Row row) => row.Columns.Integer(Swept) != 0;

    /// <summary>Whether credit of a partition that was swept has expired since.</summary>
    public bool HasExpiryDue(Row row) => row.Columns.Integer(ExpiresAt) is > 0 and var at && at <= clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Marks a partition that was found without holds, if nobody has touched it lately or does so meanwhile.</summary>
    /// <param name="expiresAt">When the first of its credit expires; null if none does.</param>
    public async Task MarkSweptAsync(Row row, DateTimeOffset? expiresAt, CancellationToken cancel)
    {
        var touchedAt = row.Columns.Integer(TouchedAt);
        if (clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(touchedAt) < KeptFor) return;
        await store.CommitAsync(TableNames.Open, row.Partition, [RowWrite.Replace(row.Key, new Columns { { TouchedAt, touchedAt }, { Swept, 1 }, { ExpiresAt, expiresAt?.ToUnixTimeMilliseconds() ?? 0 } }, row.ETag)], cancel);
    }

    /// <summary>Removes a partition whose books are closed, if it was swept before they were, nobody has touched it since, and nothing in it expires.</summary>
    public async Task RemoveSweptAsync(Row row, CancellationToken cancel)
    {
        if (IsSwept(row) && row.Columns.Integer(ExpiresAt) == 0) await store.CommitAsync(TableNames.Open, row.Partition, [RowWrite.Delete(row.Key, row.ETag)], cancel);
    }

    private static string ShardOf(LedgerPartition partition) => Shard(SHA256.HashData(Encoding.UTF8.GetBytes(partition.Key))[0] % Shards);

    private static string Shard(int number) => number.ToString("D2", CultureInfo.InvariantCulture);
}
