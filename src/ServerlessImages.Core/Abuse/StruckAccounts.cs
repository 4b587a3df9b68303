using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Abuse;

/// <summary>
/// Which partitions had calls that the content filter refused, so that an operator need not ask each account: in the table <c>accounts</c>, PartitionKey
/// <c>struck</c>, which is the id of no account; RowKey is the ledger partition; <c>TouchedAt</c> is in Unix milliseconds.
/// </summary>
/// <remarks>A row is written before the first strike of an hour on an instance, so that none is missed; what the strikes come to is in the partition alone.</remarks>
public sealed class StruckAccounts(ITableStore store, AccountLedger ledger, TimeProvider clock)
{
    private const string Partition = "struck";
    private const string TouchedAt = nameof(TouchedAt);
    private static readonly TimeSpan TouchedFor = TimeSpan.FromHours(1);

    private readonly ExpiringCache<bool> touched = new(clock, entriesMax: 10_000);

    /// <summary>A call of it was refused, and will be counted.</summary>
    public async Task NoteAsync(LedgerPartition partition)
    {
        if (touched.TryGet(partition.Key, out _)) return;
        touched.Set(partition.Key, true, TouchedFor);
        try
        {
            await store.CommitAsync(TableNames.Accounts, Partition, [RowWrite.Upsert(partition.Key, new Columns { { TouchedAt, clock.GetUtcNow().ToUnixTimeMilliseconds() } })], CancellationToken.None);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or WriteFateUnknownException)
        {
            // The hold has to be given back all the same; the next refused call writes it.
            touched.Remove(partition.Key);
        }
    }

    /// <summary>
    /// Why a request that waits may not be drawn any more: calls of its account were refused meanwhile. Costs a read, and only where this instance saw a refusal
    /// in the last hour.
    /// </summary>
    public async Task<ApiError?> RefusalAsync(LedgerPartition partition, CancellationToken cancel)
    {
        if (!touched.TryGet(partition.Key, out _)) return null;
        return (await ledger.BalanceAsync(partition, cancel)).ConductRefusal(clock.GetUtcNow());
    }

    /// <summary>A page of those that stand on the ladder, in the order of their names.</summary>
    /// <param name="after">The last one of the page before, or "".</param>
    /// <returns>And the last one that was looked at: the cursor; null at the end.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<(IReadOnlyList<StruckAccount> Accounts, string? Cursor)> PageAsync(string after, int limit, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Accounts, Partition, after + "!", "~", limit + 1, cancel);
        var looked = await Task.WhenAll(rows.Take(limit).Select(row => LookAsync(LedgerPartition.Parse(row.Key), cancel)));
        return ([.. looked.Where(each => each.Rung != Rung.Good)], rows.Count > limit ? rows[limit - 1].Key : null);
    }

    private async Task<StruckAccount> LookAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var balance = await ledger.BalanceAsync(partition, cancel);
        return new(partition, balance, balance.RungAt(clock.GetUtcNow()));
    }
}

public sealed record StruckAccount(LedgerPartition Partition, Balance Balance, Rung Rung);
