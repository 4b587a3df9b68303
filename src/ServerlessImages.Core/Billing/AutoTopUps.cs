using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// The accounts' automatic top-ups: the partition <c>auto_top_up</c> of the table <c>billing</c>. RowKey is the account, so that the sweep finds them all and each
/// changes under its ETag: the row in which a charge is under way is also the lock that keeps a second one out.
/// </summary>
public sealed class AutoTopUps(ITableStore store)
{
    private const string Partition = "auto_top_up";

    /// <returns>Null if the account never set any.</returns>
    public async Task<(AutoTopUp TopUp, string ETag)?> FindAsync(string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row ? (AutoTopUp.From(row.Columns), row.ETag) : null;

    public async Task<IReadOnlyList<string>> AccountsAsync(string after, int limit, CancellationToken cancel) =>
        [.. (await store.RangeAsync(TableNames.Billing, Partition, after + "!", "~", limit, cancel)).Select(row => row.Key)];

    /// <summary>Changes what is there now, as often as another is faster.</summary>
    /// <param name="change">From what is there, or null, to what shall be; null to leave it.</param>
    /// <returns>What is there then.</returns>
    public async Task<AutoTopUp?> ChangeAsync(string accountId, Func<AutoTopUp?, AutoTopUp?> change, CancellationToken cancel)
    {
        while (true)
        {
            var found = await FindAsync(accountId, cancel);
            if (change(found?.TopUp) is not { } changed || changed == found?.TopUp) return found?.TopUp;
            if (await TryWriteAsync(accountId, changed, found?.ETag, cancel)) return changed;
        }
    }

    /// <returns>Whether it was written: not if another was faster.</returns>
    public async Task<bool> TryWriteAsync(string accountId, AutoTopUp topUp, string? etag, CancellationToken cancel)
    {
        var write = etag is null ? RowWrite.Insert(accountId, topUp.ToColumns()) : RowWrite.Replace(accountId, topUp.ToColumns(), etag);
        return (await store.CommitAsync(TableNames.Billing, Partition, [write], cancel)).Applied;
    }
}
