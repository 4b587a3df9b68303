using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Notices;

/// <summary>What an account's people have to know, as things stand. Four point reads at most, and no range: it is asked with every page.</summary>
/// <param name="topUps">Null, as is <paramref name="postpaid"/>, where nothing is sold.</param>
public sealed class ReadNotices(AccountLedger ledger, WebhookDirectory webhooks, AutoTopUps? topUps = null, PostpaidAccounts? postpaid = null)
{
    /// <summary>Below this, and below a fifth of what was there after the last payment, little is left: the mark of <c>balance.low</c> at 80 %.</summary>
    public static Money LowBelow { get; } = Money.Dollars(1);

    private const int LowShare = 5;

    /// <returns>The gravest first.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<AccountNotice>> RunAsync(string accountId, CancellationToken cancel)
    {
        var live = new LedgerPartition(accountId, Livemode: true);
        var balance = ledger.BalanceAsync(live, cancel);
        var wanted = webhooks.WantedAsync(live, cancel);
        var topUp = topUps?.FindAsync(accountId, cancel) ?? Task.FromResult<(AutoTopUp, string)?>(null);
        var account = postpaid?.FindAsync(accountId, cancel) ?? Task.FromResult<(PostpaidAccount, string)?>(null);
        await Task.WhenAll(balance, wanted, topUp, account);
        return [.. Of(await balance, (await topUp)?.Item1, (await account)?.Item1, await wanted).OrderBy(notice => notice.Kind)];
    }

    /// <summary>Pure: what follows from what was read.</summary>
    internal static IEnumerable<AccountNotice> Of(Balance balance, AutoTopUp? topUp, PostpaidAccount? postpaid, WantedEvents wanted)
    {
        if (balance.Stops.HasFlag(StopReasons.Frozen)) yield return AccountNotice.Of(NoticeKind.Frozen);
        if (balance.Stops.HasFlag(StopReasons.ContentReview)) yield return AccountNotice.Of(NoticeKind.ContentReview);
        if (balance.Stops.HasFlag(StopReasons.PaymentDisputed)) yield return AccountNotice.Of(NoticeKind.PaymentDisputed);
        if (balance.Stops.HasFlag(StopReasons.InvoiceUnpaid) || postpaid is { IsInvoiceOwed: true } or { Status: SubscriptionStatus.PastDue }) yield return AccountNotice.Of(NoticeKind.InvoiceUnpaid);
        if (balance.Debt > Money.Zero) yield return new AccountNotice(NoticeKind.InDebt, balance.Debt, 0);
        if (topUp is { Terms.Enabled: true, State: AutoTopUpState.Declined }) yield return AccountNotice.Of(NoticeKind.TopUpDeclined);
        if (IsLow(balance, topUp)) yield return new AccountNotice(NoticeKind.BalanceLow, balance.Available, 0);
        if (wanted.Broken > 0) yield return new AccountNotice(NoticeKind.WebhooksDisabled, Money.Zero, wanted.Broken);
    }

    /// <summary>An account that never had money is not low but new; one that may owe, or buys by itself, does not run dry; one in debt hears of that.</summary>
    private static bool IsLow(Balance balance, AutoTopUp? topUp)
    {
        if (balance.Granted == Money.Zero || balance.AvailableCredit >= LowBelow || balance.Debt > Money.Zero) return false;
        if (topUp is { Terms.Enabled: true, State: not AutoTopUpState.Declined }) return false;
        return balance.Available < LowBelow || balance.Available * LowShare < balance.Funds;
    }
}
