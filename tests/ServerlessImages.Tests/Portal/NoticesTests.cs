using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Notices;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Portal;

/// <summary>What an account's people are told on every page, and that asking for it stays cheap.</summary>
public sealed class NoticesTests(PortalFixture portal) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task An_account_that_is_well_or_new_has_nothing_to_know()
    {
        using var owner = await portal.OwnerAsync();
        Assert.Empty(await ReadAsync(owner));

        await GrantAsync(owner, Money.Dollars(5));
        Assert.Empty(await ReadAsync(owner));
    }

    [Theory]
    [InlineData(5_000_000, 4_000_001)]
    [InlineData(100_000_000, 80_000_001)]
    public async Task Below_a_dollar_and_below_a_fifth_of_what_was_there_the_balance_is_low(long granted, long spent)
    {
        using var owner = await portal.OwnerAsync();
        await GrantAsync(owner, new(granted));
        await SpendAsync(owner, spent - 1);
        Assert.Empty(await ReadAsync(owner));
        await SpendAsync(owner, 1);

        Assert.Equal([new AccountNotice(NoticeKind.BalanceLow, new(granted - spent), 0)], await ReadAsync(owner));
    }

    [Fact]
    public async Task Whoever_buys_automatically_is_not_low_until_the_card_is_declined()
    {
        using var owner = await portal.OwnerAsync();
        await GrantAsync(owner, new(500_000));
        var topUp = new AutoTopUp(new AutoTopUpTerms(true, Money.Dollars(5), Money.Dollars(10), Money.Dollars(50), "key", Sample.Now));
        await portal.Of<AutoTopUps>().ChangeAsync(owner.Account, _ => topUp, Cancel);
        Assert.Empty(await ReadAsync(owner));

        await portal.Of<AutoTopUps>().ChangeAsync(owner.Account, each => each! with { State = AutoTopUpState.Declined, DeclineCode = "expired_card" }, Cancel);

        Assert.Equal([NoticeKind.TopUpDeclined, NoticeKind.BalanceLow], (await ReadAsync(owner)).Select(notice => notice.Kind));
    }

    [Fact]
    public async Task Whoever_may_owe_is_not_low_and_hears_of_an_invoice_that_is_not_paid()
    {
        using var owner = await portal.OwnerAsync();
        await GrantAsync(owner, new(1));
        await portal.Of<AccountLedger>().SetLimitAsync(owner.Live, Money.Dollars(100));
        Assert.Empty(await ReadAsync(owner));

        await portal.Of<PostpaidAccounts>().ChangeAsync(owner.Account, account => account with { Status = SubscriptionStatus.PastDue }, Cancel);

        Assert.Equal([NoticeKind.InvoiceUnpaid], (await ReadAsync(owner)).Select(notice => notice.Kind));
    }

    [Fact]
    public async Task What_stops_an_account_comes_first()
    {
        using var owner = await portal.OwnerAsync();
        var ledger = portal.Of<AccountLedger>();
        await GrantAsync(owner, new(1));
        foreach (var reason in (StopReasons[])[StopReasons.PaymentDisputed, StopReasons.ContentReview, StopReasons.Frozen]) await ledger.StopAsync(owner.Live, reason, isOn: true);

        Assert.Equal([NoticeKind.Frozen, NoticeKind.ContentReview, NoticeKind.PaymentDisputed, NoticeKind.BalanceLow], (await ReadAsync(owner)).Select(notice => notice.Kind));
    }

    [Fact]
    public async Task Debt_is_named_and_is_not_also_a_low_balance()
    {
        using var owner = await portal.OwnerAsync();
        await GrantAsync(owner, Money.Dollars(5));
        await SpendAsync(owner, 2_000_000);
        await portal.Of<AccountLedger>().RefundAsync(owner.Live, "refund", "grant", Money.Dollars(5));

        Assert.Equal([new AccountNotice(NoticeKind.InDebt, Money.Dollars(2), 0)], await ReadAsync(owner));
    }

    [Fact]
    public async Task An_endpoint_that_failed_is_told_of_until_it_is_enabled_or_gone_and_one_that_was_switched_off_is_not()
    {
        using var owner = await portal.OwnerAsync();
        var (manage, directory) = (portal.Of<ManageWebhooks>(), portal.Of<WebhookDirectory>());
        var (failing, off) = (await AddAsync("https://example.com/1"), await AddAsync("https://example.com/2"));
        await directory.ChangeAsync(owner.Live, failing, each => each with { State = EndpointState.DisabledFailing }, Cancel);
        await manage.ChangeAsync(owner.Live, off, new WebhookTerms(null, null, null, IsEnabled: false), Cancel);
        var told = await ReadAsync(owner);

        await manage.ChangeAsync(owner.Live, failing, new WebhookTerms(null, null, null, IsEnabled: true), Cancel);
        var enabled = await ReadAsync(owner);
        await directory.ChangeAsync(owner.Live, failing, each => each with { State = EndpointState.DisabledGone }, Cancel);
        await directory.DeleteAsync(owner.Live, failing, Cancel);

        Assert.Equal([new AccountNotice(NoticeKind.WebhooksDisabled, Money.Zero, 1)], told);
        Assert.Empty(enabled);
        Assert.Empty(await ReadAsync(owner));

        async Task<string> AddAsync(string url) => (await manage.AddAsync(owner.Live, new WebhookTerms(url, null, null, null), null, Cancel)).Value().Endpoint.Id;
    }

    [Fact]
    public async Task Every_page_says_it_with_a_link_for_those_who_can_mend_it()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);
        await GrantAsync(owner, new(500_000));

        foreach (var path in (string[])["/portal", "/portal/keys", "/portal/members", "/portal/webhooks/new"])
        {
            var (mends, sees) = (await owner.GetAsync(path), await developer.GetAsync(path));
            Assert.Contains("The balance is low.", mends.Html, StringComparison.Ordinal);
            Assert.Contains("<a href=\"/portal/billing\">Top up</a>", mends.Html, StringComparison.Ordinal);
            Assert.Contains("The balance is low.", sees.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("<a href=\"/portal/billing\">Top up</a>", sees.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Asking_reads_four_rows_and_no_range()
    {
        using var owner = await portal.OwnerAsync();
        var store = new CountingStore(portal.Of<ITableStore>());
        var ledger = new AccountLedger(store, new OpenPartitions(store, TimeProvider.System), TimeProvider.System, new SystemEntropy());
        var notices = new ReadNotices(ledger, new WebhookDirectory(store, new PendingDeliveries(store), new OpenPartitions(store, TimeProvider.System), ledger), new AutoTopUps(store), new PostpaidAccounts(store));

        await notices.RunAsync(owner.Account, Cancel);

        Assert.Equal((4, 0), (store.Points, store.Ranges));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<IReadOnlyList<AccountNotice>> ReadAsync(PortalVisitor visitor) => portal.Of<ReadNotices>().RunAsync(visitor.Account, Cancel);

    private async Task GrantAsync(PortalVisitor visitor, Money amount) => await portal.Of<AccountLedger>().GrantAsync(visitor.Live, "grant", amount);

    private async Task SpendAsync(PortalVisitor visitor, long micros)
    {
        var ledger = portal.Of<AccountLedger>();
        var hold = (await ledger.HoldAsync(visitor.Live, Sample.Hold(ledger.NextRequestId(), micros))).Value().Hold!;
        (await ledger.SettleAsync(visitor.Live, hold, new(micros), hold.Hold.Close(Money.Zero))).Value();
    }

    private sealed class CountingStore(ITableStore store) : ITableStore
    {
        private int points;
        private int ranges;

        public int Points => points;

        public int Ranges => ranges;

        public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel)
        {
            Interlocked.Increment(ref points);
            return store.FindAsync(table, partition, key, cancel);
        }

        public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel)
        {
            Interlocked.Increment(ref ranges);
            return store.RangeAsync(table, partition, from, to, limit, cancel);
        }

        public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel) => store.CommitAsync(table, partition, writes, cancel);
    }
}
