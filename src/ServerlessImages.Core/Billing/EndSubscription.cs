using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>Ends an account's subscription at once, with a last invoice. After a crash anywhere in it, calling again goes on.</summary>
public sealed class EndSubscription(PostpaidAccounts accounts, PostpaidLimits limits, SyncPostpaid sync, SendMeterEvents send, AccountLedger ledger, ISubscriptionCollector collector, TimeProvider clock)
{
    /// <returns>Or <c>subscription_not_found</c>.</returns>
    /// <exception cref="CollectorUnavailableException">It is being ended: nothing more is owed, and it is not known whether the last invoice is made. End it again.</exception>
    public async Task<Result<PostpaidAccount>> RunAsync(string accountId, CancellationToken cancel)
    {
        if (await accounts.FindAsync(accountId, cancel) is not { Account: { IsLive: true } account }) return ApiError.SubscriptionNotFound;

        // The limit first: what is charged from then on was held before. Then the hour that lasts is ended, or its usage would come too late for the last invoice.
        var partition = new LedgerPartition(accountId, Livemode: true);
        await limits.ChangeAsync(accountId, now => now.Subscription == account.Subscription ? now with { IsEnding = true } : now, cancel);
        await ledger.BeginHourAsync(partition, new(LedgerHour.Of(clock.GetUtcNow()).Number + 1));
        await send.RunAsync(partition, cancel);
        await collector.CancelAsync(account.Subscription, invoice: true, cancel);
        await sync.RunAsync(accountId, cancel);
        return (await accounts.FindAsync(accountId, cancel))?.Account ?? account;
    }
}
