using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>The accounts that may pay later: the partition <c>postpaid</c> of the table <c>billing</c>. RowKey is the account; each changes under its ETag.</summary>
public sealed class PostpaidAccounts(ITableStore store)
{
    private const string Partition = "postpaid";

    /// <returns>Null if no operator ever approved anything.</returns>
    public async Task<(PostpaidAccount Account, string ETag)?> FindAsync(string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row ? (PostpaidAccount.From(row.Columns), row.ETag) : null;

    public async Task<IReadOnlyList<string>> AccountsAsync(string after, int limit, CancellationToken cancel) =>
        [.. (await store.RangeAsync(TableNames.Billing, Partition, after + "!", "~", limit, cancel)).Select(row => row.Key)];

    /// <summary>Changes what is there now, as often as another is faster.</summary>
    /// <param name="change">From what is there, or from nothing, to what shall be.</param>
    /// <returns>What is there then.</returns>
    public async Task<PostpaidAccount> ChangeAsync(string accountId, Func<PostpaidAccount, PostpaidAccount> change, CancellationToken cancel)
    {
        while (true)
        {
            var found = await FindAsync(accountId, cancel);
            var before = found?.Account ?? new PostpaidAccount();
            var after = change(before);
            if (after == before || await TryWriteAsync(accountId, after, found?.ETag, cancel)) return after;
        }
    }

    /// <returns>Whether it was written: not if another was faster.</returns>
    public async Task<bool> TryWriteAsync(string accountId, PostpaidAccount account, string? etag, CancellationToken cancel)
    {
        var write = etag is null ? RowWrite.Insert(accountId, account.ToColumns()) : RowWrite.Replace(accountId, account.ToColumns(), etag);
        return (await store.CommitAsync(TableNames.Billing, Partition, [write], cancel)).Applied;
    }
}
