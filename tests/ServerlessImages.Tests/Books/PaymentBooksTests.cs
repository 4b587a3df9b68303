using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Books;

/// <summary>Every grant of a payment is at Stripe, and every payment of ours in the ledger; what went back too. Either side is damaged behind the other's back.</summary>
public sealed class PaymentBooksTests : IAsyncLifetime
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Sample.Now.UtcDateTime);
    private NightlyBooks books = null!;

    public async ValueTask InitializeAsync() => books = await NightlyBooks.StartAsync();

    public ValueTask DisposeAsync() => books.DisposeAsync();

    [Fact]
    public async Task A_payment_that_was_never_granted_is_pending_for_48_hours_and_then_named()
    {
        var paid = (await books.Billing.PaidAsync()).Payment!;

        await books.AssertPendsAndIsNamedAsync(new("payment_not_granted", $"G|{paid.Id}", "", "20.000000", paid.Id));
    }

    [Fact]
    public async Task What_is_granted_before_48_hours_are_over_is_never_named()
    {
        var checkout = await books.Billing.PaidAsync();
        Assert.Single(await books.NightAsync(2));
        await books.Billing.CreditAsync(checkout);

        Assert.Empty(await books.NightAsync(3));
        Assert.Empty(books.Named);
        Assert.Empty(await books.AllAsync());
    }

    [Fact]
    public async Task What_fits_after_it_was_named_is_settled_and_stays_in_the_books_of_its_day()
    {
        var checkout = await books.Billing.PaidAsync();
        await books.NightAsync(3);
        Assert.Equal(BooksState.Different, (await books.FindAsync(Today)).Value().State);
        await books.Billing.CreditAsync(checkout);
        await books.NightAsync();

        var day = (await books.FindAsync(Today)).Value();

        Assert.Equal((BooksState.Balanced, Today.AddDays(3)), (day.State, Assert.Single(day.Named).SettledOn));
        Assert.Single(books.Named);
    }

    [Fact]
    public async Task A_day_with_nothing_but_a_payment_at_Stripe_has_books_that_say_so()
    {
        var first = await books.TopUpAsync();
        await books.NightAsync();
        var lost = (await books.Billing.PaidAsync()).Payment!;
        await books.NightAsync();

        var day = (await books.FindAsync(Today.AddDays(1))).Value();

        Assert.Equal((BooksState.Pending, lost.Id, 1L), (day.State, Assert.Single(day.Pending).Mismatch.Id, day.Books.Through.Sequence));
        Assert.Equal(BooksState.Balanced, (await books.FindAsync(Today)).Value().State);
        Assert.Equal("books_not_closed", (await books.FindAsync(Today.AddDays(2))).Error().Code);
        Assert.NotEqual(first.Id, lost.Id);
    }

    [Fact]
    public async Task A_grant_of_a_payment_that_Stripe_does_not_know_is_named_and_an_operators_grant_is_not()
    {
        await books.TopUpAsync();
        var ledger = books.Billing.Of<AccountLedger>();
        await ledger.GrantAsync(Sample.Partition, "op_gift", Money.Dollars(3));
        await ledger.GrantExpiringAsync(Sample.Partition, "op_promotion", Money.Dollars(3), Sample.Now.AddDays(90));
        await ledger.GrantAsync(Sample.Partition, "pi_ghost", Money.Dollars(5));

        await books.AssertPendsAndIsNamedAsync(new("grant_unknown", "G|pi_ghost", "5.000000", "", "pi_ghost"));
    }

    [Fact]
    public async Task A_grant_of_another_accounts_payment_is_one_that_Stripe_does_not_know()
    {
        var paid = await books.TopUpAsync();
        await books.Billing.Of<Accounts.AccountDirectory>().OpenAsync(books.Billing.Account with { Id = "acct_other" }, Cancel);
        await books.Billing.Of<AccountLedger>().GrantAsync(new("acct_other", Livemode: true), paid.Id, paid.Amount);
        await books.NightAsync(3);

        Assert.Equal(("acct_other", "grant_unknown"), (Assert.Single(books.Named).Account, books.Named[0].Mismatch.Difference.Code));
    }

    [Fact]
    public async Task A_grant_row_with_another_amount_is_named_at_once()
    {
        var paid = await books.TopUpAsync();
        await books.NightAsync();
        await books.ChangeRowAsync($"G|{paid.Id}", nameof(LedgerEntry.Amount), 20_000_001);

        await books.AssertIsNamedAsync(new("grant_amount", $"G|{paid.Id}", "20.000001", "20.000000 usd", paid.Id));
    }

    [Fact]
    public async Task A_payment_that_is_another_amount_at_Stripe_is_named_at_once()
    {
        var paid = await books.TopUpAsync();
        books.Stripe.Change(Id("checkout.session"), session => session["amount_subtotal"] = 1_999);

        await books.AssertIsNamedAsync(new("grant_amount", $"G|{paid.Id}", "20.000000", "19.990000 usd", paid.Id));
    }

    [Fact]
    public async Task A_payment_that_turns_out_not_to_be_paid_is_named()
    {
        var paid = await books.TopUpAsync();
        books.Stripe.Change(Id("checkout.session"), session => session["payment_status"] = "unpaid");

        await books.AssertPendsAndIsNamedAsync(new("grant_not_paid", $"G|{paid.Id}", "20.000000", "not paid", paid.Id));
    }

    [Fact]
    public async Task An_automatic_payment_that_was_never_granted_is_named()
    {
        var first = await books.TopUpAsync();
        var collector = books.Billing.Of<IPaymentCollector>();
        var card = (await collector.FindCardAsync(first.CustomerId, Cancel))!;
        var charged = await collector.ChargeAsync(new("acct_sample", first.CustomerId, card, 1_000, 1), Cancel);

        await books.AssertPendsAndIsNamedAsync(new("payment_not_granted", $"G|{charged.Payment.Id}", "", "10.000000", charged.Payment.Id));
    }

    [Fact]
    public async Task A_payment_in_quarantine_is_named_as_one_and_no_more_when_it_was_given_back()
    {
        var (kept, returned) = (await QuarantineAsync(), await QuarantineAsync());
        await books.Stripe.RefundAsync(returned.Id);
        await books.Billing.AnnounceAsync();

        await books.AssertPendsAndIsNamedAsync(new("payment_quarantined", $"G|{kept.Id}", "in quarantine: 1500 cents were paid, 2000 were ordered", "15.000000", kept.Id));
    }

    [Fact]
    public async Task A_refund_that_the_ledger_never_heard_of_is_named()
    {
        var paid = await books.TopUpAsync();
        await books.NightAsync();
        var refund = await books.Stripe.RefundAsync(paid.Id, 500);

        await books.AssertPendsAndIsNamedAsync(new("return_not_taken", $"R|{refund}", "", "5.000000", refund));
    }

    [Fact]
    public async Task A_dispute_that_the_ledger_never_heard_of_is_named_and_an_inquiry_is_none()
    {
        var (disputed, asked) = (await books.TopUpAsync(), await books.TopUpAsync());
        var dispute = await books.Stripe.DisputeAsync(disputed.Id);
        books.Stripe.Change(await books.Stripe.DisputeAsync(asked.Id), inquiry => inquiry["status"] = "warning_needs_response");

        await books.AssertPendsAndIsNamedAsync(new("return_not_taken", $"R|{dispute}", "", "20.000000", dispute));
    }

    [Fact]
    public async Task A_refund_that_Stripe_does_not_know_is_named()
    {
        var paid = await books.TopUpAsync();
        await books.Billing.Of<AccountLedger>().RefundAsync(Sample.Partition, "re_ghost", paid.Id, Money.Dollars(1));

        await books.AssertPendsAndIsNamedAsync(new("return_unknown", "R|re_ghost", "1.000000", "", "re_ghost"));
    }

    [Fact]
    public async Task A_refund_of_another_amount_is_named_at_once()
    {
        var paid = await books.TopUpAsync();
        var refund = await books.Stripe.RefundAsync(paid.Id, 500);
        await books.Billing.AnnounceAsync();
        await books.NightAsync();
        books.Stripe.Change(refund, each => each["amount"] = 501);

        await books.AssertIsNamedAsync(new("return_amount", $"R|{refund}", "5.000000", "5.010000", refund));
    }

    [Fact]
    public async Task A_refund_that_failed_and_was_not_given_back_is_named()
    {
        var paid = await books.TopUpAsync();
        var refund = await books.Stripe.RefundAsync(paid.Id, 500);
        await books.Billing.AnnounceAsync();
        await books.Stripe.FailRefundAsync(refund);

        await books.AssertPendsAndIsNamedAsync(new("return_reversal", $"R|{refund}", "taken", "given back", refund));
    }

    [Fact]
    public async Task A_dispute_that_was_won_months_later_has_to_be_given_back()
    {
        var paid = await books.TopUpAsync();
        var dispute = await books.Stripe.DisputeAsync(paid.Id);
        await books.Billing.AnnounceAsync();
        await books.NightAsync(90);
        Assert.Empty(await books.AllAsync());
        await books.Stripe.CloseDisputeAsync(dispute, won: true);

        await books.AssertPendsAndIsNamedAsync(new("return_reversal", $"R|{dispute}", "taken", "given back", dispute));
    }

    [Fact]
    public async Task Play_money_is_never_compared()
    {
        await books.TopUpAsync();
        await books.Billing.Of<AccountLedger>().GrantAsync(new("acct_sample", Livemode: false), "pi_played", Money.Dollars(1_000));
        await books.Billing.Of<OpenPartitions>().TouchAsync(new("acct_sample", Livemode: false));

        Assert.Empty(await books.NightAsync(3));
        Assert.Empty(books.Named);
        Assert.Empty(books.Failed);
    }

    [Fact]
    public async Task The_books_are_closed_while_Stripe_does_not_answer_and_compared_when_it_does()
    {
        var paid = await books.TopUpAsync();
        await books.Billing.Of<AccountLedger>().GrantAsync(Sample.Partition, "pi_ghost", Money.Dollars(5));
        var real = books.Collector;
        books.Collector = new CollectorBetween(real) { Fails = (_, _) => true };
        await books.NightAsync();

        Assert.Empty(Assert.Single(books.Days).Differences);
        Assert.Equal(BooksState.Pending, (await books.FindAsync(Today)).Value().State);
        Assert.Equal(["acct_sample: CollectorUnavailableException", "what the collector was paid: CollectorUnavailableException"], books.Failed);

        books.Collector = real;
        await books.CloseAsync();
        Assert.Equal("pi_ghost", Assert.Single((await books.FindAsync(Today)).Value().Pending).Mismatch.Id);
        Assert.Equal(Comparison.Done, (await books.FindAsync(Today)).Value().Comparison);
        Assert.NotEqual("pi_ghost", paid.Id);
    }

    [Fact]
    public async Task An_account_that_cannot_be_compared_keeps_no_other_from_it()
    {
        var (ledger, accounts) = (books.Billing.Of<AccountLedger>(), books.Billing.Of<Accounts.AccountDirectory>());
        foreach (var id in (string[])["acct_a", "acct_b", "acct_c", "acct_d", "acct_e"])
        {
            await accounts.OpenAsync(books.Billing.Account with { Id = id }, Cancel);
            await ledger.GrantAsync(new(id, Livemode: true), "pi_of_" + id, Money.Dollars(1));
        }

        books.Collector = new CollectorBetween(books.Collector) { Fails = (_, what) => what == "pi_of_acct_c", Failure = () => new InvalidOperationException("of this payment") };
        await books.NightAsync(3);

        Assert.Equal(["acct_a", "acct_b", "acct_d", "acct_e"], books.Named.Select(each => each.Account).Order(StringComparer.Ordinal));
        Assert.Equal(5, books.Days.Count);
        Assert.All(books.Failed, each => Assert.Equal("acct_c: InvalidOperationException", each));
    }

    [Fact]
    public async Task A_collector_that_does_not_answer_is_not_asked_about_every_account()
    {
        for (var account = 0; account < 10; account++) await books.Billing.Of<AccountLedger>().GrantAsync(new($"acct_{account}", Livemode: true), $"pi_{account}", Money.Dollars(1));
        books.Collector = new CollectorBetween(books.Collector) { Fails = (_, _) => true };
        await books.NightAsync();

        Assert.Equal(3, books.Failed.Count(each => each.StartsWith("acct_", StringComparison.Ordinal)));
        Assert.Equal(10, books.Days.Count);
    }

    [Fact]
    public async Task A_payment_that_cannot_be_looked_up_keeps_no_other_from_it()
    {
        var lost = (await books.Billing.PaidAsync()).Payment!;
        books.Collector = new CollectorBetween(books.Collector) { Fails = (_, _) => false, First = lost with { Id = "pi_absurd", Cents = long.MaxValue } };
        await books.NightAsync(3);

        Assert.Equal(lost.Id, Assert.Single(books.Named).Mismatch.Id);
        Assert.Equal(["pi_absurd: OverflowException", "pi_absurd: OverflowException", "pi_absurd: OverflowException"], books.Failed);
    }

    [Fact]
    public async Task More_payments_than_Stripe_lists_at_once_are_all_looked_up()
    {
        var first = await books.TopUpAsync();
        var collector = books.Billing.Of<IPaymentCollector>();
        var card = (await collector.FindCardAsync(first.CustomerId, Cancel))!;
        for (var attempt = 1; attempt <= 120; attempt++)
        {
            var charged = await collector.ChargeAsync(new("acct_sample", first.CustomerId, card, 1_000, attempt), Cancel);
            if (attempt is not (1 or 120)) await books.Billing.Of<GrantPayment>().RunAsync(charged.Payment, Cancel);
        }

        Assert.Equal(2, (await books.NightAsync()).Count);
    }

    [Fact]
    public async Task Two_instances_at_once_name_a_difference_once()
    {
        var paid = await books.TopUpAsync();
        await books.NightAsync();
        await books.ChangeRowAsync($"G|{paid.Id}", nameof(LedgerEntry.Amount), 1);
        await books.Stripe.AdvanceAsync(Sample.Now.AddDays(2));

        await Task.WhenAll(books.CloseAsync(), books.CloseAsync(), books.CloseAsync());

        Assert.Single(books.Named);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Of the newest.</summary>
    private string Id(string type) => books.Stripe.All(type)[0]["id"]!.GetValue<string>();

    private async Task<Payment> QuarantineAsync()
    {
        var checkout = await books.Billing.PaidAsync();
        books.Stripe.Change(Id("checkout.session"), session => session["amount_subtotal"] = 1_500);
        checkout = (await books.Billing.Of<IPaymentCollector>().FindCheckoutAsync(checkout.Id, Cancel))!;
        Assert.Equal(GrantOutcome.Quarantined, await books.Billing.CreditAsync(checkout));
        return checkout.Payment!;
    }
}
