using System.Collections.Concurrent;
using System.Text;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Contract;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Billing;

/// <summary>Months of an account that pays later, on the emulated Stripe: whatever happens, what is invoiced is what the ledger charged.</summary>
public sealed class PostpaidTests : IAsyncLifetime
{
    private static readonly DateTimeOffset December = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset January = December.AddMonths(1);

    private readonly HashSet<string> heard = [];
    private BillingFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await BillingFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task A_month_is_reported_by_the_hour_invoiced_at_its_end_and_paid_and_the_limit_is_free_again()
    {
        await SubscribeAsync();
        Assert.Equal(Money.Dollars(100), (await fixture.BalanceAsync()).Limit);
        await ChargeAsync(30_000_001);
        await GoOnAsync(December.AddDays(-1));
        await ChargeAsync(12_345_678);
        await GoOnAsync(December.AddHours(3));

        var invoice = Assert.Single(await InvoicesAsync());
        Assert.Equal((InvoiceStatus.Paid, new Money(42_345_679), Money.Zero, 4_235L), (invoice.Status, invoice.Reported, invoice.Items, invoice.TotalCents));
        var balance = await fixture.BalanceAsync();
        Assert.Equal((new Money(42_345_679), Money.Zero, Money.Dollars(100)), (balance.Paid, balance.Unpaid, balance.AvailableCredit));
        Assert.Equal([(Money.Zero, true)], await ClosesAsync());
    }

    [Fact]
    public async Task What_comes_too_late_for_its_invoice_is_one_item_of_the_next_and_is_never_reported()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await GoOnAsync(December.AddHours(-2));
        await ChargeAsync(5_000_007);

        // Nobody reports anything until the invoice is final.
        await fixture.Stripe.AdvanceAsync(December.AddHours(5));
        await HearAsync();
        Assert.Equal([(new Money(5_000_007), true)], await ClosesAsync());
        var concluded = Assert.Single(await RowsAsync("M"), row => row.Columns.Text("Identifier").EndsWith(":difference", StringComparison.Ordinal));
        Assert.Equal(("M|2026113022", 5_000_007L), (concluded.Key, concluded.Columns.Integer("Value")));
        Assert.Empty(await RowsAsync("F"));

        await ChargeAsync(1_000_000);
        await GoOnAsync(January.AddHours(3));

        Assert.Equal([(10_000_000L, 0L), (1_000_000L, 5_000_007L)], (await InvoicesAsync()).Select(each => (each.Reported.Micros, each.Items.Micros)));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task What_Stripe_counted_twice_is_given_back_on_the_next_invoice()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await GoOnAsync(December.AddHours(-2));
        var hour = MeterEvent.From(new Row("", "F|2026112312", new MeterEvent(LedgerHour.Of(Sample.Now), new(3_000_000)).ToColumns(), ""));
        await fixture.Of<IUsageCollector>().RecordAsync(hour.ToRecord("acct_sample") with { Identifier = "twice", IdempotencyKey = "twice" }, Cancel);

        await GoOnAsync(December.AddHours(3));
        Assert.Equal([(new Money(-3_000_000), true)], await ClosesAsync());
        await ChargeAsync(4_000_000);
        await GoOnAsync(January.AddHours(3));

        Assert.Equal([(13_000_000L, 0L), (4_000_000L, -3_000_000L)], (await InvoicesAsync()).Select(each => (each.Reported.Micros, each.Items.Micros)));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task Whatever_is_announced_again_and_in_the_wrong_order_comes_to_the_same()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await fixture.Stripe.AdvanceAsync(December.AddHours(5));
        await HearAsync(copies: 2, newestFirst: true);
        heard.Clear();
        await HearAsync(copies: 1);
        await fixture.SweepAsync();

        Assert.Equal([(new Money(10_000_000), true)], await ClosesAsync());
        Assert.Single(fixture.Stripe.All("invoiceitem"));
        await GoOnAsync(January.AddHours(3));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task Without_any_announcement_the_sweep_pays_concludes_and_goes_on()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await fixture.Stripe.AdvanceAsync(December.AddHours(-1));
        await SendAsync();
        await fixture.Stripe.AdvanceAsync(December.AddDays(1));
        await fixture.SweepAsync();

        Assert.Empty(fixture.Failures);
        Assert.Equal([(Money.Zero, true)], await ClosesAsync());
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task A_threshold_has_an_invoice_sent_before_the_month_is_over_and_the_rest_at_its_end()
    {
        await SubscribeAsync();
        await ChargeAsync(85_000_000);
        await GoOnAsync(Sample.Now.AddHours(5));
        await GoOnAsync(Sample.Now.AddHours(8));
        Assert.Equal(Money.Dollars(100), (await fixture.BalanceAsync()).AvailableCredit);

        await ChargeAsync(7_000_001);
        await GoOnAsync(December.AddHours(3));

        Assert.Equal([85_000_000L, 7_000_001L], (await InvoicesAsync()).Select(each => each.Reported.Micros));
        Assert.Equal([7_000_001L, 85_000_000L], await ChargedOnInvoicesAsync());
        Assert.Equal([(Money.Zero, true)], await ClosesAsync());
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task A_subscription_that_is_ended_has_its_last_hour_on_its_last_invoice_and_what_still_ran_on_one_more()
    {
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await GoOnAsync(Sample.Now.AddDays(1).AddMinutes(20));
        await ChargeAsync(2_000_000);
        var ledger = fixture.Of<AccountLedger>();
        var open = (await ledger.HoldAsync(Sample.Partition, Sample.Hold(ledger.NextRequestId(), 3_000_003))).Value().Hold!;

        var ended = (await fixture.Of<EndSubscription>().RunAsync("acct_sample", Cancel)).Value();
        Assert.Equal((SubscriptionStatus.Ended, Money.Zero), (ended.Status, ended.Limit));
        Assert.Equal("insufficient_balance", (await ledger.HoldAsync(Sample.Partition, Sample.Hold(ledger.NextRequestId(), 1))).Error().Code);
        (await ledger.SettleAsync(Sample.Partition, open, new(3_000_003), open.Hold.Close(Money.Zero))).Value();
        for (var day = 2; day <= 5; day++)
        {
            await fixture.Stripe.AdvanceAsync(Sample.Now.AddDays(day));
            await HearAsync();
            await fixture.SweepAsync();
        }

        Assert.Empty(fixture.Failures);
        Assert.Equal([(12_000_000L, 0L), (0L, 3_000_003L)], (await InvoicesAsync()).Select(each => (each.Reported.Micros, each.Items.Micros)));
        Assert.Empty(await RowsAsync("F"));
        Assert.Equal("subscription_not_found", (await fixture.Of<EndSubscription>().RunAsync("acct_sample", Cancel)).Error().Code);
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task An_invoice_that_is_not_paid_stops_the_account_and_paying_it_lets_it_go_on()
    {
        await SubscribeAsync(StripeTestCard.DeclinedWhenAway);
        await ChargeAsync(10_000_000);
        await GoOnAsync(December.AddHours(-1));
        await GoOnAsync(December.AddHours(3));
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
        await SetUpAsync();
        var (first, second) = (await OpenAsync(), await OpenAsync());
        using var once = await BillingFixture.PayAsync(first, StripeTestCard.Good);
        using var twice = await BillingFixture.PayAsync(second, StripeTestCard.Good);
        await HearAsync();
        await ChargeAsync(10_000_000);
        await GoOnAsync(December.AddHours(-1));
        await GoOnAsync(December.AddHours(3));

        Assert.Equal(["active", "canceled"], fixture.Stripe.All("subscription").Select(each => each["status"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal([10_000_000L], (await InvoicesAsync()).Select(each => each.Exact.Micros));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task Only_who_was_approved_subscribes_and_only_once()
    {
        await fixture.Of<ISubscriptionCollector>().SetUpAsync(Cancel);
        Assert.Equal("credit_not_approved", (await StartAsync()).Error().Code);

        await SubscribeAsync();
        Assert.Equal("subscription_exists", (await StartAsync()).Error().Code);
    }

    [Fact]
    public async Task Before_the_setup_nobody_subscribes()
    {
        await ApproveAsync();

        Assert.Equal("billing_not_set_up", (await StartAsync()).Error().Code);
    }

    [Fact]
    public async Task Prepaid_credit_is_spent_first_after_a_move_to_paying_later()
    {
        await fixture.Of<AccountLedger>().GrantAsync(Sample.Partition, "pi_before", Money.Dollars(5));
        await SubscribeAsync();
        await ChargeAsync(5_000_000);
        await ChargeAsync(2_000_000);
        await GoOnAsync(December.AddHours(-1));
        await GoOnAsync(December.AddHours(3));

        Assert.Equal([2_000_000L], (await InvoicesAsync()).Select(each => each.Exact.Micros));
        Assert.Equal((Money.Dollars(5), Money.Dollars(2)), ((await fixture.BalanceAsync()).Settled, (await fixture.BalanceAsync()).Owed));
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
        fixture = await BillingFixture.StartAsync(store);
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await GoOnAsync(December.AddHours(-2));
        await ChargeAsync(5_000_007);
        await fixture.Stripe.AdvanceAsync(December.AddHours(5));

        store.WritesLeft = writes;
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.Of<SyncPostpaid>().RunAsync("acct_sample", Cancel));
        store.WritesLeft = int.MaxValue;
        await fixture.Of<SyncPostpaid>().RunAsync("acct_sample", Cancel);

        Assert.Equal([(new Money(5_000_007), true)], await ClosesAsync());
        Assert.Single(fixture.Stripe.All("invoiceitem"));
        await GoOnAsync(January.AddHours(3));
        await AssertAllPaidAsync();
    }

    [Fact]
    public async Task A_disputed_payment_stops_the_account_until_the_bank_has_decided()
    {
        var paid = await fixture.PaidAsync(20);
        await fixture.CreditAsync(paid);
        var dispute = await fixture.Stripe.DisputeAsync(paid.Payment!.Id);
        await fixture.AnnounceAsync();
        Assert.Equal(StopReasons.PaymentDisputed, (await fixture.BalanceAsync()).Stops);

        await fixture.Stripe.CloseDisputeAsync(dispute, won: true);
        await fixture.AnnounceAsync();
        Assert.Equal((StopReasons.None, Money.Dollars(20)), ((await fixture.BalanceAsync()).Stops, (await fixture.BalanceAsync()).Available));
    }

    [Fact]
    public async Task What_is_asked_of_Stripe_in_all_this_is_of_its_own_types()
    {
        var exchanges = new ConcurrentQueue<StripeExchange>();
        await fixture.DisposeAsync();
        fixture = await BillingFixture.StartAsync(record: exchanges.Enqueue);
        await SubscribeAsync();
        await ChargeAsync(10_000_000);
        await GoOnAsync(December.AddHours(-2));
        await fixture.Of<IUsageCollector>().FindTotalAsync("acct_sample", LedgerHour.Of(Sample.Now), Cancel);
        await ChargeAsync(5_000_007);
        await fixture.Stripe.AdvanceAsync(December.AddHours(5));
        await HearAsync();
        await ChargeAsync(1_000_000);
        (await fixture.Of<EndSubscription>().RunAsync("acct_sample", Cancel)).Value();
        await fixture.Stripe.AdvanceAsync(December.AddDays(1));
        await HearAsync();

        Assert.Empty(await StripeTypes.DifferencesAsync(exchanges, Cancel));
        await AssertAllPaidAsync();
    }

    /// <summary>What the ledger says was charged in the hours of each invoice, newest first.</summary>
    private async Task<IReadOnlyList<long>> ChargedOnInvoicesAsync()
    {
        var collector = fixture.Of<ISubscriptionCollector>();
        var customer = (await fixture.Of<Customers>().FindAsync("acct_sample", Cancel))!;
        var (usage, charged) = (await collector.InvoicesAsync(customer, Cancel), new List<long>());
        var read = new ReadUsage(new UsageRollups(fixture.Of<ITableStore>(), fixture.Of<AccountLedger>()));
        foreach (var invoice in await collector.InvoiceDocumentsAsync(customer, null, 10, Cancel))
        {
            var (from, until) = invoice.Hours(usage);
            charged.Add((await read.RunAsync(Sample.Partition, new(from, until, UsageBucket.All, [], [new(UsageDimension.Rail, "postpaid")]), Cancel)).Value().Total.Amount.Micros);
        }

        return charged;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<PostpaidAccount> ApproveAsync() => fixture.Of<PostpaidLimits>().ChangeAsync("acct_sample", account => account with { Approved = Money.Dollars(100) }, Cancel);

    private async Task SetUpAsync()
    {
        (await fixture.Of<ISubscriptionCollector>().SetUpAsync(Cancel)).Value();
        await ApproveAsync();
    }

    private Task<Result<Checkout>> StartAsync() => fixture.Of<StartSubscription>().RunAsync(fixture.Account, null, new("https://images.example.com/ok"), new("https://images.example.com/back"), Cancel);

    private async Task<Checkout> OpenAsync() => (await StartAsync()).Value();

    private async Task SubscribeAsync(StripeTestCard? card = null)
    {
        await SetUpAsync();
        var page = await OpenAsync();
        using var paid = await BillingFixture.PayAsync(page, card ?? StripeTestCard.Good);
        await HearAsync();
    }

    private Task ChargeAsync(long micros) => fixture.SpendAsync(new(micros));

    /// <summary>Reports what was charged until then, and hears of all that happens.</summary>
    private async Task GoOnAsync(DateTimeOffset until)
    {
        await SendAsync();
        for (var at = fixture.Clock.GetUtcNow(); at < until;)
        {
            // By the hour, as the timers would, around the times at which something is due.
            at = until - at > TimeSpan.FromHours(30) ? until.AddHours(-29) : at.AddHours(1) < until ? at.AddHours(1) : until;
            await fixture.Stripe.AdvanceAsync(at);
            await SendAsync();
            await HearAsync();
        }
    }

    private Task<TimeSpan> SendAsync() => fixture.Of<SendMeterEvents>().RunAsync((_, _) => { }, (_, cause) => throw new InvalidOperationException("sending", cause), Cancel);

    /// <summary>Through the front door, signed, all that Stripe has not announced yet.</summary>
    private async Task HearAsync(int copies = 1, bool newestFirst = false)
    {
        var events = fixture.Stripe.All("event").Where(each => heard.Add(each["id"]!.GetValue<string>()));
        foreach (var each in newestFirst ? events.ToArray() : events.Reverse().ToArray())
        {
            for (var copy = 0; copy < copies; copy++)
            {
                var body = each.ToJsonString();
                var announced = fixture.Of<IPaymentCollector>().ReadEvent(Encoding.UTF8.GetBytes(body), StripeEmulator.Signature(body, "whsec_emulator", fixture.Clock.GetUtcNow())).Value();
                await fixture.Of<HandleEvents>().ReceiveAsync(announced, (what, cause) => throw new InvalidOperationException(what.Type, cause), Cancel);
            }
        }
    }

    private Task<IReadOnlyList<UsageInvoice>> InvoicesAsync() => fixture.Of<InvoiceRecords>().OfAsync("acct_sample", 100, Cancel);

    private Task<IReadOnlyList<Row>> RowsAsync(string kind) => fixture.Of<ITableStore>().RangeAsync(TableNames.Ledger, "acct_sample", kind + "|", kind + "}", 1_000, Cancel);

    private async Task<IEnumerable<(Money Difference, bool IsDone)>> ClosesAsync() =>
        (await fixture.Of<ITableStore>().RangeAsync(TableNames.Billing, "closes", "acct_sample|", "acct_sample}", 100, Cancel)).Select(PeriodClose.FromRow).Select(each => (each.Difference, each.IsDone));

    /// <summary>To the micro-dollar: charged, invoiced and paid are one.</summary>
    private async Task AssertAllPaidAsync()
    {
        var balance = await fixture.BalanceAsync();
        var invoices = await InvoicesAsync();
        Assert.All(invoices, each => Assert.Equal(InvoiceStatus.Paid, each.Status));
        Assert.Equal((balance.Owed, balance.Owed), (balance.Paid, new Money(invoices.Sum(each => each.Exact.Micros))));
        Assert.Empty(await RowsAsync("F"));
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
