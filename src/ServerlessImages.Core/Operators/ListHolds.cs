using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Operators;

/// <param name="Cursor">Where the next page goes on.</param>
public sealed record ListedHold(LedgerPartition Partition, Hold Hold, string Cursor);

/// <param name="NextCursor">Null at the end. A page can be short, or empty, and have one.</param>
public sealed record HoldPage(IReadOnlyList<ListedHold> Holds, string? NextCursor);

/// <summary>The open holds of all accounts, an account after the other, with a bounded number of reads for each page.</summary>
public sealed class ListHolds(OpenPartitions open, AccountLedger ledger)
{
    private const int PartitionsPerPage = 200;

    /// <param name="after">The cursor of the page before, or "": shard, partition and the last hold, with bars between.</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<HoldPage> RunAsync(string after, int limit, CancellationToken cancel)
    {
        var (shard, partition, hold) = after.Split('|') is [var first, var second, var third] ? (first, second, third) : ("", "", "");
        var found = new List<ListedHold>();
        var looked = 0;
        foreach (var each in OpenPartitions.AllShards.Where(each => string.CompareOrdinal(each, shard) >= 0))
        {
            if (each != shard) (partition, hold) = ("", "");
            if (partition.Length > 0) found.AddRange(await OfAsync(each, partition, hold, limit + 1, cancel));
            while (found.Count <= limit && looked < PartitionsPerPage)
            {
                var rows = await open.PageAsync(each, partition, PartitionsPerPage - looked, cancel);
                var isLast = rows.Count < PartitionsPerPage - looked;
                foreach (var row in rows.TakeWhile(_ => found.Count <= limit))
                {
                    partition = row.Key;
                    looked++;
                    found.AddRange(await OfAsync(each, partition, "", limit + 1 - found.Count, cancel));
                }

                if (isLast) break;
            }

            if (found.Count > limit) return new([.. found.Take(limit)], found[limit - 1].Cursor);
            if (looked >= PartitionsPerPage) return new(found, Cursor(each, partition, "~"));
        }

        return new(found, null);
    }

    /// <summary>Those of one account, oldest first.</summary>
    public async Task<HoldPage> RunAsync(LedgerPartition partition, string after, int limit, CancellationToken cancel)
    {
        var (_, _, hold) = after.Split('|') is [var first, var second, var third] ? (first, second, third) : ("", "", "");
        var found = await OfAsync("", partition.Key, hold, limit + 1, cancel);
        return new([.. found.Take(limit)], found.Count > limit ? found[limit - 1].Cursor : null);
    }

    private async Task<IReadOnlyList<ListedHold>> OfAsync(string shard, string partition, string after, int limit, CancellationToken cancel)
    {
        var holds = await ledger.HoldsAsync(LedgerPartition.Parse(partition), after, limit, cancel);
        return [.. holds.Select(each => new ListedHold(LedgerPartition.Parse(partition), each.Hold, Cursor(shard, partition, each.Hold.Id)))];
    }

    private static string Cursor(string shard, string partition, string hold) => $"{shard}|{partition}|{hold}";
}
