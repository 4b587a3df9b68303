using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// Closes an account for good: it spends nothing from the first step on, its keys, members and endpoints end, jobs that wait, automatic top-ups and the subscription too; once
/// nothing is being drawn any more, what was paid and not used is paid back, and the images are deleted. Each step can be done again, so after a crash anywhere in it, calling again
/// goes on.
/// </summary>
/// <remarks>Its entries, receipts and books stay, as the law wants of money; so does the account's row, which says when it was closed.
/// Which are not done is in the partition <c>closing</c> of the table <c>billing</c>, a row for each account, with the last entries whose images are deleted (<c>Live</c> and <c>Test</c>);
/// the sweep of payments goes on with them.</remarks>
/// <param name="payments">Null where nothing is sold: then nothing was paid that could go back.</param>
public sealed class CloseAccount(AccountDirectory accounts, EndAccess access, AccountLedger ledger, EndWaitingJobs jobs, DeleteAllResults images, ITableStore store, EndPayments? payments = null)
{
    private const string Partition = "closing";
    private const string Live = nameof(Live);
    private const string Test = nameof(Test);
    private const int AccountsPerSweep = 500;

    /// <summary>Of entries whose images are deleted in one run: whoever waits for it waits for seconds. The sweep does the rest.</summary>
    private const int PagesMax = 100;

    /// <returns>What came of it; or <c>account_not_found</c>.</returns>
    /// <exception cref="CollectorUnavailableException">It is closed to all spending, and not everything is paid back: close it again.</exception>
    /// <exception cref="LedgerUnavailableException">It is not known how far it is: close it again.</exception>
    /// <exception cref="WriteFateUnknownException">As above.</exception>
    public async Task<Result<ClosedAccount>> RunAsync(string accountId, CancellationToken cancel)
    {
        if (await accounts.FindAsync(accountId, cancel) is null) return ApiError.AccountNotFound;
        await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Insert(accountId, [])], cancel);
        if (await accounts.CloseAsync(accountId, cancel) is not { } account) return ApiError.AccountNotFound;

        // The one row that every hold leads with: from here on nothing is spent, whatever instances remember of keys.
        var live = new LedgerPartition(accountId, Livemode: true);
        var test = live with { Livemode = false };
        await ledger.StopAsync(live, StopReasons.AccountClosed, isOn: true);
        await ledger.StopAsync(test, StopReasons.AccountClosed, isOn: true);
        await access.RunAsync(accountId, cancel);
        await jobs.AllAsync(live, cancel);
        await jobs.AllAsync(test, cancel);
        var isCharging = payments is not null && await payments.StopAsync(accountId, cancel);

        // What is being drawn, or charged to a card, is known within minutes; before that, nobody knows what is left. A job that its worker gave back is ended by the next sweep.
        if (isCharging || (await ledger.BalanceAsync(live, cancel)).HoldsAny) return new ClosedAccount(account, IsDone: false, Money.Zero);
        var paidBack = payments is null ? Money.Zero : await payments.PayBackAsync(accountId, cancel);

        // No request is open by now that could still bring images. The money first: it is waited for.
        var areDeleted = !(await ledger.BalanceAsync(test, cancel)).HoldsAny && await DeleteImagesAsync(live, cancel) && await DeleteImagesAsync(test, cancel);
        if (areDeleted && await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row) await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Delete(accountId, row.ETag)], cancel);
        return new ClosedAccount(account, areDeleted, paidBack);
    }

    /// <summary>Goes on with those that are not done.</summary>
    /// <param name="failed">Told what could not be closed and why; the others are.</param>
    public async Task SweepAsync(Action<string, Exception> failed, CancellationToken cancel)
    {
        foreach (var row in await store.RangeAsync(TableNames.Billing, Partition, "", "~", AccountsPerSweep, cancel))
        {
            try
            {
                await RunAsync(row.Key, cancel);
            }
#pragma warning disable CA1031 // One account that cannot be closed must not keep the others' money.
            catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
            {
                failed(row.Key, cause);
            }
        }
    }

    /// <returns>Whether all are deleted.</returns>
    private async Task<bool> DeleteImagesAsync(LedgerPartition partition, CancellationToken cancel)
    {
        for (var pages = 0; pages < PagesMax; pages++)
        {
            if (await store.FindAsync(TableNames.Billing, Partition, partition.Account, cancel) is not { } row) return true;
            var (live, test) = (row.Columns.Integer(Live), row.Columns.Integer(Test));
            var after = partition.Livemode ? live : test;
            var through = await images.PageAsync(partition, after, cancel);
            if (through == after) return true;

            // Another who is at it has got as far, or begins where we did: deleting twice is deleting once.
            var columns = new Columns { { Live, partition.Livemode ? through : live }, { Test, partition.Livemode ? test : through } };
            await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Replace(row.Key, columns, row.ETag)], cancel);
        }

        return false;
    }
}

/// <param name="IsDone">False while requests are open, or images are left: close it again in some minutes.</param>
/// <param name="PaidBack">To the cards that had paid, in all.</param>
public sealed record ClosedAccount(Account Account, bool IsDone, Money PaidBack);
