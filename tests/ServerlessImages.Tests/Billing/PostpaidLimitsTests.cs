using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Billing;

/// <summary>What an account may owe is what was approved, while it has a live subscription, in whatever order the two are heard of.</summary>
public sealed class PostpaidLimitsTests
{
    private readonly LedgerFixture fixture = new();

    [Theory]
    [InlineData(SubscriptionStatus.None, 0)]
    [InlineData(SubscriptionStatus.Incomplete, 0)]
    [InlineData(SubscriptionStatus.Trialing, 100)]
    [InlineData(SubscriptionStatus.Active, 100)]
    [InlineData(SubscriptionStatus.PastDue, 0)]
    [InlineData(SubscriptionStatus.Unpaid, 0)]
    [InlineData(SubscriptionStatus.Paused, 0)]
    [InlineData(SubscriptionStatus.Ended, 0)]
    public async Task The_ledger_allows_what_was_approved_while_the_subscription_is_active(SubscriptionStatus status, int dollars)
    {
        await LimitAsync(account => account with { Approved = Money.Dollars(100) });
        await LimitAsync(account => account with { Status = status });
        Assert.Equal(Money.Dollars(dollars), (await fixture.BalanceAsync()).Limit);

        await LimitAsync(account => account with { IsEnding = true });
        Assert.Equal(Money.Zero, (await fixture.BalanceAsync()).Limit);
    }

    [Fact]
    public async Task An_invoice_that_is_owed_stops_the_account_until_it_is_not()
    {
        await LimitAsync(account => account with { IsInvoiceOwed = true });
        Assert.Equal(StopReasons.InvoiceUnpaid, (await fixture.BalanceAsync()).Stops);

        await LimitAsync(account => account with { IsInvoiceOwed = false });
        Assert.Equal(StopReasons.None, (await fixture.BalanceAsync()).Stops);
    }

    [Fact]
    public async Task Whoever_tells_the_ledger_late_tells_it_what_stands_there_by_then()
    {
        var accounts = new PostpaidAccounts(fixture.Store);
        await accounts.ChangeAsync("acct_sample", account => account with { Approved = Money.Dollars(100), Status = SubscriptionStatus.Active }, Cancel);
        var hooked = new HookedTableStore(fixture.Store);
        var slow = new PostpaidLimits(accounts, new AccountLedger(hooked, new OpenPartitions(fixture.Store, fixture.Clock), fixture.Clock, new SystemEntropy()));
        var isFirst = true;
        hooked.OnCommit = async (_, commit) =>
        {
            if (isFirst) await LimitAsync(account => account with { Status = SubscriptionStatus.PastDue });
            isFirst = false;
            return await commit();
        };

        await slow.ApplyAsync("acct_sample", Cancel);

        Assert.False(isFirst);
        Assert.Equal(Money.Zero, (await fixture.BalanceAsync()).Limit);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<PostpaidAccount> LimitAsync(Func<PostpaidAccount, PostpaidAccount> change) => new PostpaidLimits(new PostpaidAccounts(fixture.Store), fixture.Instance()).ChangeAsync("acct_sample", change, Cancel);
}
