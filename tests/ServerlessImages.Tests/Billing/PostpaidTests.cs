using System.Collections.Concurrent;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Contract;

namespace ServerlessImages.Tests.Billing;

/// <summary>Months of an account that pays later, on the emulated Stripe: whatever happens, what is invoiced is what the ledger charged.</summary>
public sealed class PostpaidTests : IAsyncLifetime
{
    private static readonly DateTimeOffset December = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset January = December.AddMonths(1);

    private BillingFixture fixture = null!;
    private EmulatedTime time = null!;

    public ValueTask InitializeAsync() => StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task A_month_is_reported_by_the_hour_invoiced_at_its_end_and_paid_and_the_limit_is_free_again()
    {
        await SubscribeAsync();
        Assert.Equal(Money.Dollars(100), (await fixture.BalanceAsync()).Limit);
        await ChargeAsync(30_000_001);
        await time.PassAsync(December.AddDays(-1));
        await ChargeAsync(12_345_678);
        await time.PassAsync(December.AddHours(3));

        var invoice = Assert.Single(await fixture.InvoicesAsync());
        Assert.Equal((InvoiceStatus.Paid, new Money(42_345_679), Money.Zero, 4_235L), (invoice.Status, invoice.Reported, invoice.Items, invoice.TotalCents));
        var balance = await fixture.BalanceAsync();
        Assert.Equal((new Money(42_345_679), Money.Zero, Money.Dollars(100)), (balance.Paid, balance.Unpaid, balance.AvailableCredit));
        Assert.Equal([(Money.Zero, true)], await fixture.ClosesAsync());
    }

    [Fact]
    public async Task What_Stripe_counted_twice_is_given_back_on_the_next_invoice()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await time.PassAsync(December.AddHours(-2));
        var hour = MeterEvent.From(new Row("", "F|2026112312", new MeterEvent(LedgerHour.Of(Sample.Now), new(3_000_000)).ToColumns(), ""));
        await fixture.Of<IUsageCollector>().RecordAsync(hour.ToRecord("acct_sample") with { Identifier = "twice", IdempotencyKey = "twice" }, Cancel);

        await time.PassAsync(December.AddHours(3));
        Assert.Equal([(new Money(-3_000_000), true)], await fixture.ClosesAsync());
        await ChargeAsync(4_000_000);
        await time.PassAsync(January.AddHours(3));

        Assert.Equal([(13_000_000L, 0L), (4_000_000L, -3_000_000L)], (await fixture.InvoicesAsync()).Select(each => (each.Reported.Micros, each.Items.Micros)));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task Whatever_is_announced_again_and_in_the_wrong_order_comes_to_the_same()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await fixture.Stripe.AdvanceAsync(December.AddHours(5));
        await time.HearAsync(copies: 2, newestFirst: true);
        time.Forget();
        await time.HearAsync(copies: 1);
        await fixture.SweepAsync();

        Assert.Equal([(new Money(10_000_000), true)], await fixture.ClosesAsync());
        Assert.Single(fixture.Stripe.All("invoiceitem"));
        await time.PassAsync(January.AddHours(3));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task Without_any_announcement_the_sweep_pays_concludes_and_goes_on()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await fixture.Stripe.AdvanceAsync(December.AddHours(-1));
        await time.SendAsync();
        await fixture.Stripe.AdvanceAsync(December.AddDays(1));
        await fixture.SweepAsync();

        Assert.Empty(fixture.Failures);
        Assert.Equal([(Money.Zero, true)], await fixture.ClosesAsync());
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task An_invoice_that_is_not_paid_stops_the_account_and_paying_it_lets_it_go_on()
    {
        await SubscribeAsync(StripeTestCard.DeclinedWhenAway);
        await ChargeAsync(10_000_000);
        await time.PassAsync(December.AddHours(-1));
        await time.PassAsync(December.AddHours(3));
        await fixture.Of<AccountLedger>().GrantAsync(Sample.Partition, "pi_before", Money.Dollars(50));

        var stopped = (await fixture.Of<AccountLedger>().HoldAsync(Sample.Partition, Sample.Hold("req_stopped", 1))).Error();
        Assert.Equal(("account_paused", "invoice_unpaid", Money.Zero), (stopped.Code, stopped.Details["reasons"], (await fixture.BalanceAsync()).Limit));

        var invoice = Assert.Single(fixture.Stripe.All("invoice"), each => each["status"]!.GetValue<string>() == "open")["id"]!.GetValue<string>();
        fixture.Stripe.Change(invoice, each =>
        {
            each["status"] = "paid";
            each["paid"] = true;
        });
        fixture.Stripe.Change(fixture.Stripe.All("subscription")[0]["id"]!.GetValue<string>(), each => each["status"] = "active");
        await fixture.Of<SyncPostpaid>().RunAsync("acct_sample", Cancel);

        var balance = await fixture.BalanceAsync();
        Assert.Equal((StopReasons.None, Money.Dollars(100), new Money(10_000_000)), (balance.Stops, balance.Limit, balance.Paid));
    }

    [Fact]
    public async Task A_second_subscription_is_ended_before_it_invoices_the_same_usage_again()
    {
        await fixture.SetUpAsync();
        await fixture.ApproveAsync();
        var (first, second) = ((await fixture.StartSubscriptionAsync()).Value(), (await fixture.StartSubscriptionAsync()).Value());
        using var once = await BillingFixture.PayAsync(first, StripeTestCard.Good);
        using var twice = await BillingFixture.PayAsync(second, StripeTestCard.Good);
        await time.HearAsync();
        await ChargeAsync(10_000_000);
        await time.PassAsync(December.AddHours(-1));
        await time.PassAsync(December.AddHours(3));

        Assert.Equal(["active", "canceled"], fixture.Stripe.All("subscription").Select(each => each["status"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal([10_000_000L], (await fixture.InvoicesAsync()).Select(each => each.Exact.Micros));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task Only_who_was_approved_subscribes_and_only_once()
    {
        await fixture.SetUpAsync();
        Assert.Equal("credit_not_approved", (await fixture.StartSubscriptionAsync()).Error().Code);

        await SubscribeAsync();
        Assert.Equal("subscription_exists", (await fixture.StartSubscriptionAsync()).Error().Code);
    }

    [Fact]
    public async Task Before_the_setup_nobody_subscribes()
    {
        await fixture.ApproveAsync();

        Assert.Equal("billing_not_set_up", (await fixture.StartSubscriptionAsync()).Error().Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_close_that_is_cut_off_after_any_of_its_writes_comes_to_the_same_sums(int writes)
    {
        var store = new CutOffStore(new InMemoryTableStore());
        await fixture.DisposeAsync();
        await StartAsync(store);
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await time.PassAsync(December.AddHours(-2));
        await ChargeAsync(5_000_007);
        await fixture.Stripe.AdvanceAsync(December.AddHours(5));

        store.WritesLeft = writes;
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.Of<SyncPostpaid>().RunAsync("acct_sample", Cancel));
        store.WritesLeft = int.MaxValue;
        await fixture.Of<SyncPostpaid>().RunAsync("acct_sample", Cancel);

        Assert.Equal([(new Money(5_000_007), true)], await fixture.ClosesAsync());
        Assert.Single(fixture.Stripe.All("invoiceitem"));
        await time.PassAsync(January.AddHours(3));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task What_is_asked_of_Stripe_in_all_this_is_of_its_own_types()
    {
        var exchanges = new ConcurrentQueue<StripeExchange>();
        await fixture.DisposeAsync();
        await StartAsync(record: exchanges.Enqueue);
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await time.PassAsync(December.AddHours(-2));
        await fixture.Of<IUsageCollector>().FindTotalAsync("acct_sample", LedgerHour.Of(Sample.Now), Cancel);
        await ChargeAsync(5_000_007);
        await fixture.Stripe.AdvanceAsync(December.AddHours(5));
        await time.HearAsync();
        await ChargeAsync(1_000_000);
        (await fixture.Of<EndSubscription>().RunAsync("acct_sample", Cancel)).Value();
        await fixture.Stripe.AdvanceAsync(December.AddDays(1));
        await time.HearAsync();

        Assert.Empty(await StripeTypes.DifferencesAsync(exchanges, Cancel));
        await AssertAllPaidAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async ValueTask StartAsync(ITableStore? store = null, Action<StripeExchange>? record = null)
    {
        fixture = await BillingFixture.StartAsync(store, record);
        time = new(fixture);
    }

    private async Task SubscribeAsync(StripeTestCard? card = null)
    {
        await fixture.SubscribeAsync(card);
        await time.HearAsync();
    }

    private Task ChargeAsync(long micros) => fixture.SpendAsync(new(micros));

    /// <summary>Also what Stripe counted on its own: over all invoices, charged, invoiced and paid are one.</summary>
    private async Task AssertAllPaidAsync()
    {
        var balance = await fixture.BalanceAsync();
        var invoices = await fixture.InvoicesAsync();
        Assert.All(invoices, each => Assert.Equal(InvoiceStatus.Paid, each.Status));
        Assert.Equal((balance.Owed, balance.Owed), (balance.Paid, new Money(invoices.Sum(each => each.Exact.Micros))));
        Assert.Empty(await fixture.RowsAsync("F"));
    }

    /// <summary>A process that dies after some writes: none of the next ones is made.</summary>
    private sealed class CutOffStore(ITableStore store) : ITableStore
    {
        public int WritesLeft { get; set; } = int.MaxValue;

        public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) => store.FindAsync(table, partition, key, cancel);

        public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) => store.RangeAsync(table, partition, from, to, limit, cancel);

        public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel) =>
            WritesLeft-- > 0 ? store.CommitAsync(table, partition, writes, cancel) : throw new InvalidOperationException("dead");
    }
}
