using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>Has the ledger allow what stands in an account's <see cref="PostpaidAccount"/>: its limit, and whether an unpaid invoice stops it.</summary>
public sealed class PostpaidLimits(PostpaidAccounts accounts, AccountLedger ledger)
{
    /// <summary>Changes the row, and then the ledger. After a crash between the two, the next change or the nightly sweep goes on.</summary>
    /// <exception cref="LedgerUnavailableException">The row is changed, and it is not known whether the ledger is; do it again.</exception>
    public async Task<PostpaidAccount> ChangeAsync(string accountId, Func<PostpaidAccount, PostpaidAccount> change, CancellationToken cancel)
    {
        await accounts.ChangeAsync(accountId, change, cancel);
        return await ApplyAsync(accountId, cancel);
    }

    /// <returns>What the ledger was told last.</returns>
    public async Task<PostpaidAccount> ApplyAsync(string accountId, CancellationToken cancel)
    {
        // Another may change the row while we tell the ledger, and tell it before us: whoever told it an older one sees the newer one here, and tells that.
        for (string? told = null; ;)
        {
            if (await accounts.FindAsync(accountId, cancel) is not var (account, etag)) return new PostpaidAccount();
            if (etag == told) return account;
            await TellAsync(new LedgerPartition(accountId, Livemode: true), account, cancel);
            told = etag;
        }
    }

    private async Task TellAsync(LedgerPartition partition, PostpaidAccount account, CancellationToken cancel)
    {
        var balance = await ledger.BalanceAsync(partition, cancel);
        if (balance.Limit != account.Limit) await ledger.SetLimitAsync(partition, account.Limit);
        if (balance.Stops.HasFlag(StopReasons.InvoiceUnpaid) != account.IsInvoiceOwed) await ledger.StopAsync(partition, StopReasons.InvoiceUnpaid, account.IsInvoiceOwed);
    }
}
