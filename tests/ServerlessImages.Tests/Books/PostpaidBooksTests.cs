using System.Collections.Concurrent;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Contract;

namespace ServerlessImages.Tests.Books;

/// <summary>Every hour that is owed is counted at Stripe, and every invoice is the sum of its hours, to the micro-dollar. Either side is damaged behind the other's back.</summary>
public sealed class PostpaidBooksTests : IAsyncLifetime
{
    private const string Hour = "2026112312";
    private static readonly DateTimeOffset December = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private NightlyBooks books = null!;

    public async ValueTask InitializeAsync() => books = await NightlyBooks.StartAsync();

    public ValueTask DisposeAsync() => books.DisposeAsync();

    [Fact]
    public async Task A_clean_month_with_top_ups_a_refund_a_dispute_and_late_usage_has_no_difference_to_Stripe()
    {
        var exchanges = new ConcurrentQueue<StripeExchange>();
        await books.DisposeAsync();
        books = await NightlyBooks.StartAsync(exchanges.Enqueue);
        var (refunded, disputed, lost) = (await books.TopUpAsync(), await books.TopUpAsync(), await books.TopUpAsync());
        await books.SubscribeAsync();
        await books.Billing.SpendAsync(Money.Dollars(60));
        await books.UseAsync(10_000_001);
        await LiveAsync();
        await books.Stripe.RefundAsync(refunded.Id, 333);
        var (won, isLost) = (await books.Stripe.DisputeAsync(disputed.Id), await books.Stripe.DisputeAsync(lost.Id));
        await LiveAsync();
        await books.Stripe.CloseDisputeAsync(won, won: true);
        await books.Stripe.CloseDisputeAsync(isLost, won: false);
        await LiveAsync();

        // $23.33 of what was spent went back: that is paid first.
        await books.TopUpAsync();
        await books.TopUpAsync();
        await books.Billing.SpendAsync(new(16_670_000));
        await books.UseAsync(2_345_678);
        while (books.Billing.Clock.GetUtcNow() < December.AddHours(-30)) await LiveAsync();

        // At the period's edge nobody reports until the invoice is final: Stripe counts it then, and has it on no invoice.
        await books.Stripe.AdvanceAsync(December.AddHours(-1));
        await books.Billing.SpendAsync(new(5_000_007));
        await books.Stripe.AdvanceAsync(December.AddHours(5));
        while (books.Billing.Clock.GetUtcNow() < December.AddMonths(1).AddDays(4)) await LiveAsync();

        Assert.Empty(books.Named);
        Assert.Empty(books.Failed);
        Assert.Empty(await books.AllAsync());
        Assert.All(books.Days, day => Assert.Empty(day.Differences));
        Assert.Equal(new Money(5_000_007), (await ClosedAsync()).Difference);
        Assert.Equal((new Money(17_345_686), 2), ((await books.Billing.BalanceAsync()).Paid, (await RowsAsync("P")).Count));
        Assert.Empty(await StripeTypes.DifferencesAsync(exchanges, Cancel));
    }

    [Fact]
    public async Task An_hour_that_Stripe_counted_twice_is_named()
    {
        await AnHourAsync();
        var record = MeterEvent.From(new Row("", $"F|{Hour}", new MeterEvent(LedgerHour.Of(Sample.Now), new(3_000_000)).ToColumns(), "")).ToRecord("acct_sample");
        await books.Billing.Of<IUsageCollector>().RecordAsync(record with { Identifier = "twice", IdempotencyKey = "twice" }, Cancel);

        await books.AssertPendsAndIsNamedAsync(Counted($"M|{Hour}", "10.000000", "13.000000"));
    }

    [Fact]
    public async Task What_Stripe_counts_twice_after_it_had_fitted_is_named_too()
    {
        await AnHourAsync();
        Assert.Empty(await books.NightAsync());
        var record = MeterEvent.From(new Row("", $"F|{Hour}", new MeterEvent(LedgerHour.Of(Sample.Now), new(10_000_000)).ToColumns(), "")).ToRecord("acct_sample");
        await books.Billing.Of<IUsageCollector>().RecordAsync(record with { Identifier = "again", IdempotencyKey = "again" }, Cancel);

        await books.AssertPendsAndIsNamedAsync(Counted($"M|{Hour}", "10.000000", "20.000000"));
    }

    [Fact]
    public async Task An_hour_that_Stripe_took_and_does_not_count_is_named()
    {
        await AnHourAsync();
        books.Stripe.Change($"acct_sample:{Hour}:1", taken => taken["_state"] = "dropped");

        await books.AssertPendsAndIsNamedAsync(Counted($"M|{Hour}", "10.000000", "0.000000"));
    }

    [Fact]
    public async Task A_count_that_lags_for_a_night_is_never_named()
    {
        await AnHourAsync();
        books.Stripe.Change($"acct_sample:{Hour}:1", taken => taken["_state"] = "taken");
        Assert.Single(await books.NightAsync());
        books.Stripe.Change($"acct_sample:{Hour}:1", taken => taken["_state"] = "counted");

        Assert.Empty(await books.NightAsync());
        Assert.Empty(books.Named);
        Assert.Empty(await books.AllAsync());
    }

    [Fact]
    public async Task An_hour_of_which_the_ledger_knows_nothing_is_named()
    {
        await AnHourAsync();
        var record = MeterEvent.From(new Row("", "F|2026112311", new MeterEvent(LedgerHour.Of(Sample.Now.AddHours(-1)), new(7)).ToColumns(), "")).ToRecord("acct_sample");
        await books.Billing.Of<IUsageCollector>().RecordAsync(record, Cancel);

        await books.AssertPendsAndIsNamedAsync(Counted("U|2026112311", "0.000000", "0.000007", "2026112311"));
    }

    [Fact]
    public async Task An_hour_that_waits_for_more_than_48_hours_is_named_and_settled_when_it_was_sent()
    {
        await books.SubscribeAsync();
        await books.Billing.SpendAsync(new(10_000_000));

        await books.AssertPendsAndIsNamedAsync(Counted($"F|{Hour}", "10.000000", "0.000000"));
        await books.SendAsync();
        await books.NightAsync();

        Assert.NotNull(Assert.Single(await books.AllAsync()).SettledOn);
        Assert.Single(books.Named);
    }

    [Fact]
    public async Task An_hour_whose_row_of_the_outbox_is_changed_or_gone_is_named()
    {
        await AnHourAsync();
        await books.ChangeRowAsync($"M|{Hour}", nameof(MeterEvent.Value), 9_999_999);
        await books.AssertPendsAndIsNamedAsync(new("hour_outbox", $"U|{Hour}", "10.000000", "9.999999", $"M|{Hour}"));

        await books.DeleteRowAsync($"M|{Hour}");
        await books.NightAsync();
        Assert.Equal("0.000000", Assert.Single(await books.AllAsync()).Mismatch.Difference.Found);
        Assert.Single(books.Named);
    }

    [Fact]
    public async Task More_hours_than_Stripe_tells_at_once_are_compared_when_it_is_asked_for_the_first_time()
    {
        await books.SubscribeAsync();
        for (var hour = 0; hour < 110; hour++) await books.UseAsync(1_000 + hour);

        Assert.Empty(await books.NightAsync());
        Assert.Equal(110, (await RowsAsync("M")).Count);
        Assert.Empty(books.Failed);
    }

    [Fact]
    public async Task An_invoice_that_was_paid_and_is_not_in_the_ledger_is_named()
    {
        var invoice = await AMonthAsync();
        await books.DeleteRowAsync($"P|{invoice}");

        await books.AssertPendsAndIsNamedAsync(new("invoice_not_noted", $"P|{invoice}", "", "10.000000", invoice));
    }

    [Fact]
    public async Task An_entry_of_an_invoice_that_Stripe_does_not_know_or_that_is_not_paid_there_is_named()
    {
        await books.SubscribeAsync();
        await books.Billing.Of<AccountLedger>().PayAsync(Sample.Partition, "in_ghost", Money.Dollars(1));

        await books.AssertPendsAndIsNamedAsync(new("invoice_not_paid", "P|in_ghost", "1.000000", "", "in_ghost"));
    }

    [Fact]
    public async Task An_invoice_that_was_paid_with_another_amount_is_named_at_once()
    {
        var invoice = await AMonthAsync();
        await books.ChangeRowAsync($"P|{invoice}", nameof(LedgerEntry.Amount), 10_000_001);

        await books.AssertIsNamedAsync(new("invoice_amount", $"P|{invoice}", "10.000001", "10.000000", invoice));
    }

    [Fact]
    public async Task A_period_whose_hours_are_not_its_invoice_is_named_at_once()
    {
        var invoice = await AMonthAsync();
        await books.ChangeRowAsync("acct_sample|2026120100", nameof(PeriodClose.Reported), 9_000_000, TableNames.Billing, "closes");
        await books.NightAsync();

        // What should be on an invoice by itself is there neither: a second difference, of its own.
        var named = Assert.Single(books.Named, each => each.Mismatch.Kind == ComparedKind.Period);
        Assert.Equal(new Difference("period_invoiced", "closes acct_sample|2026120100", "10.000000", "11.000000", invoice), named.Mismatch.Difference);
    }

    [Fact]
    public async Task A_final_invoice_whose_period_was_never_concluded_is_named()
    {
        var invoice = await AMonthAsync();
        await books.ChangeRowAsync("acct_sample", nameof(PostpaidAccount.OpenFrom), 0, TableNames.Billing, "postpaid");

        await books.AssertPendsAndIsNamedAsync(new("period_not_concluded", "postpaid acct_sample", "1970010100", "2026120100", invoice));
    }

    [Fact]
    public async Task An_item_that_is_gone_is_named()
    {
        await ALateHourAsync();
        books.Stripe.Change(Id("invoiceitem"), item => item["metadata"] = new System.Text.Json.Nodes.JsonObject());
        await books.NightAsync(2);
        Assert.Empty(books.Named);
        await books.NightAsync(3);

        var (named, identifier) = (Assert.Single(books.Named).Mismatch, (await ClosedAsync()).IdentifierOf("acct_sample"));
        Assert.Equal(new Difference("item_missing", "closes acct_sample|2026120100", "5.000007", "", identifier), named.Difference);
    }

    [Fact]
    public async Task An_item_with_another_amount_or_twice_is_named_at_once()
    {
        await ALateHourAsync();
        books.Stripe.Change(Id("invoiceitem"), item => item["metadata"]!["micro_usd"] = "5000008");

        await books.AssertIsNamedAsync(new("item_amount", "closes acct_sample|2026120100", "5.000007", "5.000008", Id("invoiceitem")));
    }

    [Fact]
    public async Task An_item_of_which_the_ledger_knows_nothing_is_named()
    {
        await AnHourAsync();
        var record = new UsageRecord("acct_sample", LedgerHour.Of(Sample.Now), new(7), $"acct_sample:{Hour}:invoice", "key");
        await books.Billing.Of<IUsageCollector>().InvoiceAsync(record, Cancel);

        await books.AssertPendsAndIsNamedAsync(new("item_unknown", "", "", "0.000007", Id("invoiceitem")));
    }

    [Fact]
    public async Task An_account_whose_usage_cannot_be_read_keeps_no_other_from_being_compared()
    {
        await AnHourAsync();
        await books.Billing.Of<PostpaidLimits>().ChangeAsync("acct_zebra", account => account with { Approved = Money.Dollars(1) }, Cancel);
        books.Collector = new CollectorBetween(books.Collector) { Fails = (call, _) => call == nameof(ICollectorBooks.HoursAsync), Failure = () => new InvalidOperationException("of this customer") };
        await books.NightAsync();

        var differences = new CollectorDifferences(books.Billing.Of<ITableStore>());
        Assert.Equal(["acct_sample: InvalidOperationException"], books.Failed);
        Assert.Null(await differences.ReachedAsync(CollectorDifferences.UsageRow("acct_sample"), Cancel));
        Assert.Equal(Sample.Now.Date, DateOnly.FromDayNumber((int)(await differences.ReachedAsync(CollectorDifferences.UsageRow("acct_zebra"), Cancel))!.Value).ToDateTime(TimeOnly.MinValue));
        Assert.Single(books.Days);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Customer => Id("customer");

    private string Id(string type) => books.Stripe.All(type)[0]["id"]!.GetValue<string>();

    private Difference Counted(string row, string expected, string found, string hour = Hour) => new("hour_counted", row, expected, found, $"{Customer}:{hour}");

    private async Task AnHourAsync()
    {
        await books.SubscribeAsync();
        await books.UseAsync(10_000_000);
    }

    /// <summary>A month with one hour, invoiced and paid, and nothing to be told of it.</summary>
    /// <returns>The invoice.</returns>
    private async Task<string> AMonthAsync()
    {
        await AnHourAsync();
        await ConcludeAsync();
        return Id("invoice");
    }

    /// <summary>The same with an hour that came too late for its invoice.</summary>
    private async Task ALateHourAsync()
    {
        await AnHourAsync();
        await books.Stripe.AdvanceAsync(December.AddHours(-2));
        await books.Billing.SpendAsync(new(5_000_007));
        await ConcludeAsync();
    }

    private async Task ConcludeAsync()
    {
        await books.Stripe.AdvanceAsync(December.AddHours(5));
        await books.SyncAsync();
        Assert.Empty(await books.NightAsync());
        Assert.Empty(books.Named);
    }

    /// <summary>A day with everything that runs: reports, announcements, the sweep and, at its end, the books.</summary>
    private async Task LiveAsync()
    {
        await books.SendAsync();
        await books.Billing.AnnounceAsync();
        await books.Billing.SweepAsync();
        Assert.Empty(books.Billing.Failures);
        await books.NightAsync();
    }

    private Task<IReadOnlyList<Row>> RowsAsync(string kind) => books.Billing.Of<ITableStore>().RangeAsync(TableNames.Ledger, "acct_sample", kind + "|", kind + "}", 1_000, Cancel);

    private async Task<PeriodClose> ClosedAsync() => (await books.Billing.Of<ClosePeriods>().ClosedAfterAsync("acct_sample", default, Cancel))[0];
}
