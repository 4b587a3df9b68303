using ServerlessImages.Accounts;
using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// Closes an account for good: it spends nothing from the first step on, its keys end, jobs that wait, automatic top-ups and the subscription too, and what was paid and not used
/// is paid back once nothing is being drawn any more. Each step can be done again, so after a crash anywhere in it, calling again goes on.
/// </summary>
/// <remarks>Its entries, receipts and books stay, as the law wants of money; so does the account's row, which says when it was closed.
/// Which are not done is in the partition <c>closing</c> of the table <c>billing</c>, a row for each account; the sweep of payments goes on with them.</remarks>
public sealed class CloseAccount(AccountDirectory accounts, KeyList list, RevokeApiKey revoke, AccountLedger ledger, EndWaitingJobs jobs, AutoTopUps topUps, EndSubscription subscription, RefundUnused refund, ITableStore store)
{
    private const string Partition = "closing";
    private const int KeysPerPage = 100;
    private const int AccountsPerSweep = 500;

    /// <returns>What came of it; or <c>account_not_found</c>.</returns>
    /// <exception cref="CollectorUnavailableException">It is closed to all spending, and not everything is paid back: close it again.</exception>
    /// <exception cref="LedgerUnavailableException">It is not known how far it is: close it again.</exception>
    /// <exception cref="WriteFateUnknownException">As above.</exception>
    public async Task<Result<ClosedAccount>> RunAsync(string accountId, CancellationToken cancel)
    {
        if (await accounts.FindAsync(accountId, cancel) is null) return ApiError.AccountNotFound;
        await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Upsert(accountId, [])], cancel);
        if (await accounts.CloseAsync(accountId, cancel) is not { } account) return ApiError.AccountNotFound;

        // The one row that every hold leads with: from here on nothing is spent, whatever instances remember of keys.
        var live = new LedgerPartition(accountId, Livemode: true);
        await ledger.StopAsync(live, StopReasons.AccountClosed, isOn: true);
        await ledger.StopAsync(live with { Livemode = false }, StopReasons.AccountClosed, isOn: true);
        await RevokeAllAsync(live, cancel);
        await RevokeAllAsync(live with { Livemode = false }, cancel);
        await jobs.AllAsync(live, cancel);
        await jobs.AllAsync(live with { Livemode = false }, cancel);
        var charging = await topUps.ChangeAsync(accountId, topUp => topUp is { Terms.Enabled: true } ? topUp with { Terms = topUp.Terms with { Enabled = false } } : null, cancel);
        await subscription.RunAsync(accountId, cancel);

        // What is being drawn, or charged to a card, is known within minutes; before that, nobody knows what is left. A job that its worker gave back is ended by the next sweep.
        if (charging is { State: AutoTopUpState.Charging } || (await ledger.BalanceAsync(live, cancel)).HoldsAny) return new ClosedAccount(account, IsDone: false, Money.Zero);
        var paidBack = await refund.RunAsync(accountId, cancel);
        if (await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row) await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Delete(accountId, row.ETag)], cancel);
        return new ClosedAccount(account, IsDone: true, paidBack);
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

    private async Task RevokeAllAsync(LedgerPartition partition, CancellationToken cancel)
    {
        for (var page = await PageAsync(); page.Keys.Count > 0; page = await PageAsync())
        {
            foreach (var seen in page.Keys) await revoke.RunAsync(partition, seen.Key.Id, cancel);
        }

        // Revoked ones leave the list, so that the first page is always the next.
        Task<KeyPage> PageAsync() => list.PageAsync(partition, revoked: false, after: null, KeysPerPage, cancel);
    }
}

/// <param name="IsDone">False while requests are open: close it again in some minutes.</param>
/// <param name="PaidBack">To the cards that had paid, in all.</param>
public sealed record ClosedAccount(Account Account, bool IsDone, Money PaidBack);
