using System.Net;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Billing;

/// <summary>Credit that is bought on a page: granted once, exactly, and only when its money is there.</summary>
public sealed class CheckoutTests : IAsyncLifetime
{
    private BillingFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await BillingFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task A_payment_that_is_heard_of_on_every_path_at_once_is_one_grant()
    {
        var checkout = await fixture.PaidAsync(dollars: 20);

        await Task.WhenAll(fixture.AnnounceAsync(), fixture.AnnounceAsync(), fixture.CreditAsync(checkout), fixture.CreditAsync(checkout), fixture.SweepAsync());
        await fixture.SweepAsync();

        var entry = Assert.Single(await fixture.EntriesAsync());
        Assert.Equal((EntryType.Grant, checkout.Payment!.Id, Money.Dollars(20)), (entry.Type, entry.Id, entry.Amount));
        Assert.Equal(Money.Dollars(20), (await fixture.BalanceAsync()).Available);
        Assert.Empty(fixture.Failures);
    }

    [Fact]
    public async Task Two_payments_are_two_grants_of_one_customer()
    {
        await fixture.CreditAsync(await fixture.PaidAsync(dollars: 20));
        await fixture.CreditAsync(await fixture.PaidAsync(dollars: 5));

        Assert.Equal(Money.Dollars(25), (await fixture.BalanceAsync()).Granted);
        Assert.Single(fixture.Stripe.All("customer"));
    }

    [Fact]
    public async Task What_nobody_has_paid_is_no_credit()
    {
        var open = await fixture.OpenAsync();
        using var declined = await BillingFixture.PayAsync(open, StripeTestCard.Declined);
        var after = await fixture.Of<IPaymentCollector>().FindCheckoutAsync(open.Id, TestContext.Current.CancellationToken);

        Assert.Contains("Your card was declined.", await declined.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((CheckoutStatus.Open, GrantOutcome.NotPaid), (after!.Status, await fixture.CreditAsync(after)));
        Assert.Empty(await fixture.EntriesAsync());
    }

    [Theory]
    [InlineData(true, 20)]
    [InlineData(false, 0)]
    public async Task A_bank_debit_is_credit_when_its_money_arrives_and_not_before(bool arrives, int dollars)
    {
        var checkout = await fixture.PaidAsync(card: StripeTestCard.BankDebit);
        await fixture.AnnounceAsync();

        Assert.Equal((CheckoutStatus.Complete, GrantOutcome.NotPaid), (checkout.Status, await fixture.CreditAsync(checkout)));
        Assert.Empty(await fixture.EntriesAsync());

        await fixture.Stripe.ArriveAsync(checkout.Id, arrives);
        await fixture.AnnounceAsync();

        Assert.Equal(Money.Dollars(dollars), (await fixture.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_page_that_nobody_pays_expires()
    {
        var open = await fixture.OpenAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(25));
        var after = await fixture.Of<IPaymentCollector>().FindCheckoutAsync(open.Id, TestContext.Current.CancellationToken);

        Assert.Equal((CheckoutStatus.Expired, null), (after!.Status, after.Url));
    }

    [Theory]
    [InlineData("amount_subtotal", 2_001, "2001 cents were paid, 2000 were ordered")]
    [InlineData("currency", "eur", "paid in eur")]
    [InlineData("customer", "cus_other", "another customer than the account's")]
    [InlineData("account", "acct_nobody", "there is no such account")]
    public async Task A_payment_that_is_not_what_was_ordered_waits_for_the_operator(string field, object value, string cause)
    {
        var checkout = await fixture.PaidAsync(dollars: 20);
        fixture.Stripe.Change(checkout.Id, session => (field == "account" ? session["metadata"]!.AsObject() : session)[field] = System.Text.Json.Nodes.JsonValue.Create(value));
        await fixture.AnnounceAsync();
        await fixture.SweepAsync();

        Assert.Empty(await fixture.EntriesAsync());
        var problem = Assert.Single(await fixture.ProblemsAsync());
        Assert.Equal((BillingProblemKind.PaymentQuarantined, checkout.Payment!.Id), (problem.Kind, problem.Id));
        Assert.StartsWith(cause, problem.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taxes_are_paid_on_top_and_are_no_credit()
    {
        var checkout = await fixture.PaidAsync(dollars: 20);
        fixture.Stripe.Change(checkout.Id, session => session["amount_total"] = 2_380);
        await fixture.AnnounceAsync();

        Assert.Equal(Money.Dollars(20), (await fixture.BalanceAsync()).Granted);
    }

    [Fact]
    public async Task What_is_sold_otherwise_through_the_same_Stripe_account_is_not_ours()
    {
        var checkout = await fixture.PaidAsync();
        fixture.Stripe.Change(checkout.Id, session => session["metadata"]!.AsObject().Clear());
        fixture.Stripe.Change(checkout.Payment!.Id, intent => intent["metadata"]!.AsObject().Clear());
        await fixture.AnnounceAsync();
        await fixture.SweepAsync();

        Assert.Empty(await fixture.EntriesAsync());
        Assert.Empty(await fixture.ProblemsAsync());
        Assert.Empty(fixture.Failures);
    }

    [Fact]
    public async Task The_same_key_opens_the_same_page_and_another_amount_is_refused()
    {
        var key = new string('k', 255);
        var first = await fixture.OpenAsync(20, key);
        var second = await fixture.OpenAsync(20, key);
        var start = fixture.Of<StartCheckout>();
        var other = await start.RunAsync(fixture.Account, Money.Dollars(30), key, new("https://images.example.com/ok"), new("https://images.example.com/back"), TestContext.Current.CancellationToken);

        Assert.Equal(first.Id, second.Id);
        Assert.Equal("idempotency_key_reused", other.Error().Code);
        Assert.NotEqual(first.Id, (await fixture.OpenAsync(20)).Id);
    }

    [Theory]
    [InlineData(4_999_999)]
    [InlineData(5_000_001)]
    [InlineData(500_010_000)]
    public async Task Only_whole_cents_within_the_bounds_are_sold(long micros)
    {
        var start = await fixture.Of<StartCheckout>().RunAsync(fixture.Account, new(micros), null, new("https://images.example.com/ok"), new("https://images.example.com/back"), TestContext.Current.CancellationToken);

        Assert.Equal("invalid_value", start.Error().Code);
        Assert.Empty(fixture.Stripe.Posts);
    }

    [Fact]
    public async Task A_customer_whose_creation_was_answered_with_a_failure_is_created_once_all_the_same()
    {
        fixture.Stripe.FailNextPosts(1);
        await Assert.ThrowsAsync<CollectorUnavailableException>(() => fixture.OpenAsync());

        // Stripe repeats the failure under its key for a day.
        await Assert.ThrowsAsync<CollectorUnavailableException>(() => fixture.OpenAsync());
        fixture.Clock.Advance(TimeSpan.FromMinutes(61));
        await fixture.OpenAsync();

        var customer = Assert.Single(fixture.Stripe.All("customer"));
        Assert.Equal(customer["id"]!.GetValue<string>(), await fixture.Of<Customers>().FindAsync(fixture.Account.Id, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_process_that_dies_before_it_keeps_the_customer_leaves_one_customer()
    {
        var store = new FaultyTableStore(new InMemoryTableStore());
        await using var other = await BillingFixture.StartAsync(store);
        var cancel = TestContext.Current.CancellationToken;
        var lost = await other.Of<IPaymentCollector>().CreateCustomerAsync(other.Account.Id, other.Account.Name, $"customer-{other.Account.Id}-0-{Sample.Now.ToUnixTimeMilliseconds()}", cancel);

        Assert.Equal(lost, await other.Of<Customers>().EnsureAsync(other.Account, cancel));
        Assert.Single(other.Stripe.All("customer"));
    }

    [Theory]
    [InlineData(29, 1)]
    [InlineData(31, 0)]
    [InlineData(61, 1)]
    public async Task A_customer_that_a_dead_process_left_uncreated_is_created_under_its_key_or_an_hour_later_under_another(int minutes, int customers)
    {
        fixture.Store.AfterWrite("customers", () => throw new OperationCanceledException("The process dies."));
        await Assert.ThrowsAsync<OperationCanceledException>(() => fixture.OpenAsync());
        fixture.Clock.Advance(TimeSpan.FromMinutes(minutes));

        // In between, whoever stood still may still be creating it, and the search may not know it yet.
        if (customers == 0) await Assert.ThrowsAsync<CollectorUnavailableException>(() => fixture.OpenAsync());
        else await fixture.OpenAsync();

        Assert.Equal(customers, fixture.Stripe.All("customer").Count);
    }

    [Fact]
    public async Task A_customer_that_was_deleted_in_Stripe_is_replaced_and_what_it_had_paid_is_still_credit()
    {
        var paid = await fixture.PaidAsync(dollars: 20);
        var former = fixture.Stripe.All("customer").Single()["id"]!.GetValue<string>();
        fixture.DeleteCustomer();

        await fixture.CreditAsync(await fixture.PaidAsync(dollars: 5));
        await fixture.AnnounceAsync();
        fixture.DeleteCustomer();
        await fixture.OpenAsync();

        Assert.Equal(Money.Dollars(25), (await fixture.BalanceAsync()).Granted);
        Assert.Equal((former, 3), (paid.Payment!.CustomerId, fixture.Stripe.All("customer").Count));
        Assert.Empty(await fixture.ProblemsAsync());
    }

    [Fact]
    public async Task What_was_laid_aside_stays_there_although_its_cause_was_put_right()
    {
        var checkout = await fixture.PaidAsync(dollars: 20);
        fixture.Stripe.Change(checkout.Id, session => session["amount_subtotal"] = 2_001);
        await fixture.AnnounceAsync();
        fixture.Stripe.Change(checkout.Id, session => session["amount_subtotal"] = 2_000);
        await fixture.SweepAsync();

        Assert.Empty(await fixture.EntriesAsync());
        Assert.Equal(GrantOutcome.Quarantined, await fixture.CreditAsync(checkout));
    }

    [Fact]
    public async Task Ten_first_purchases_at_once_make_one_customer()
    {
        var checkouts = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => fixture.OpenAsync()));

        Assert.Equal(10, checkouts.Select(each => each.Id).Distinct().Count());
        Assert.Single(fixture.Stripe.All("customer"));
    }

    [Fact]
    public async Task What_no_announcement_told_the_sweep_finds_once_a_day()
    {
        await fixture.PaidAsync(dollars: 20);
        await fixture.SweepAsync();
        await fixture.PaidAsync(dollars: 5);
        await fixture.SweepAsync();
        Assert.Equal(Money.Dollars(20), (await fixture.BalanceAsync()).Granted);

        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await fixture.SweepAsync();

        Assert.Equal(Money.Dollars(25), (await fixture.BalanceAsync()).Granted);
        Assert.Empty(fixture.Failures);
    }

    [Fact]
    public async Task What_keeps_announcements_from_being_read_keeps_nothing_else()
    {
        await fixture.PaidAsync(dollars: 20);
        fixture.Store.AfterRead("inbox", () => throw new FormatException("A row that this version cannot read."));
        await fixture.SweepAsync();

        Assert.Equal(Money.Dollars(20), (await fixture.BalanceAsync()).Granted);
        Assert.IsType<FormatException>(Assert.Single(fixture.Failures).Cause);
    }

    [Fact]
    public async Task What_waits_is_known_by_the_time_at_which_it_came_however_often_it_failed()
    {
        var checkout = await fixture.PaidAsync(dollars: 20);
        var announced = new CollectorEvent("evt_1", "checkout.session.completed", CollectorEventKind.CheckoutPaid, checkout.Id, Sample.Now, "");
        await fixture.Stripe.DisposeAsync();
        var handle = fixture.Of<HandleEvents>();
        await handle.ReceiveAsync(announced, (_, _) => { }, TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        await handle.RetryAsync((_, _) => { }, TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(TimeSpan.FromMinutes(20), await handle.RetryAsync((_, _) => { }, TestContext.Current.CancellationToken));
        Assert.Equal(Sample.Now, Assert.Single(await fixture.ProblemsAsync()).At);
    }

    [Fact]
    public async Task A_sweep_that_could_not_see_everything_looks_again()
    {
        await fixture.PaidAsync(dollars: 20);
        await fixture.Stripe.DisposeAsync();
        await fixture.SweepAsync();

        Assert.Contains(fixture.Failures, each => each.Cause is CollectorUnavailableException);
        Assert.Null(await fixture.Of<BillingInbox>().SweptThroughAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_browser_is_sent_back_with_the_checkouts_id()
    {
        var open = await fixture.OpenAsync();
        using var paid = await BillingFixture.PayAsync(open, StripeTestCard.Good);

        Assert.Equal((HttpStatusCode.Redirect, "https://images.example.com/ok"), (paid.StatusCode, paid.Headers.Location!.OriginalString));
    }
}
