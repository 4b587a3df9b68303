using ServerlessImages.Billing;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Billing;

/// <summary>Credit that is bought while nobody watches: never two at once, never twice, never above the cap, and never against a bank's no.</summary>
public sealed class AutoTopUpTests : IAsyncLifetime
{
    private static readonly AutoTopUpTerms Terms = new(true, Money.Dollars(5), Money.Dollars(20), Money.Dollars(50), "key", Sample.Now);

    private BillingFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await BillingFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Below_the_threshold_credit_is_bought_and_above_it_none_is()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await RunAsync();
        Assert.Equal(0, Charges());

        await fixture.SpendAsync(Money.Dollars(16));
        await RunAsync();
        await RunAsync();
        await fixture.AnnounceAsync();

        Assert.Equal((1, Money.Dollars(24), AutoTopUpState.Ready), (Charges(), (await fixture.BalanceAsync()).Available, (await StateAsync()).State));
        Assert.Equal(Money.Dollars(20), (await StateAsync()).SpentAt(fixture.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task The_cap_of_the_month_holds_until_the_next()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        for (var round = 0; round < 5; round++)
        {
            await fixture.SpendAsync((await fixture.BalanceAsync()).Available);
            await RunAsync();
        }

        Assert.Equal((2, Money.Zero), (Charges(), (await fixture.BalanceAsync()).Available));

        fixture.Clock.Advance(TimeSpan.FromDays(10));
        await RunAsync();

        Assert.Equal((3, Money.Dollars(20)), (Charges(), (await fixture.BalanceAsync()).Available));
    }

    [Theory]
    [InlineData("0341", "generic_decline")]
    [InlineData("3184", "authentication_required")]
    public async Task A_declined_card_is_not_tried_again_and_the_account_sees_why(string last4, string code)
    {
        await BuyAndAgreeAsync(StripeTestCard.All.Single(card => card.Last4 == last4));
        await fixture.SpendAsync(Money.Dollars(20));
        await RunAsync();
        await RunAsync();
        await fixture.AnnounceAsync();

        Assert.Equal((1, AutoTopUpState.Declined, code), (Charges(), (await StateAsync()).State, (await StateAsync()).DeclineCode));
        Assert.Equal((Money.Zero, Money.Zero), ((await fixture.BalanceAsync()).Available, (await StateAsync()).SpentAt(fixture.Clock.GetUtcNow())));
    }

    [Fact]
    public async Task A_payment_from_before_the_decline_does_not_recover_however_often_it_is_heard_of()
    {
        var paid = await fixture.PaidAsync(dollars: 20, StripeTestCard.DeclinedWhenAway);
        await fixture.CreditAsync(paid);
        await AgreeAsync();
        await fixture.SpendAsync(Money.Dollars(20));
        await RunAsync();

        await fixture.CreditAsync(paid);

        Assert.Equal(AutoTopUpState.Declined, (await StateAsync()).State);
    }

    [Fact]
    public async Task Without_a_card_nothing_is_charged()
    {
        await AgreeAsync();
        await RunAsync();

        Assert.Equal((0, AutoTopUpState.Declined, "no_card"), (Charges(), (await StateAsync()).State, (await StateAsync()).DeclineCode));
    }

    [Fact]
    public async Task Many_at_once_charge_once()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RunAsync()));

        Assert.Equal((1, Money.Dollars(20)), (Charges(), (await fixture.BalanceAsync()).Available));
    }

    [Fact]
    public async Task A_charge_whose_answer_was_lost_is_found_and_granted_and_not_made_again()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        fixture.Stripe.FailNextPosts(1);
        await Assert.ThrowsAsync<CollectorUnavailableException>(RunAsync);
        Assert.Equal((AutoTopUpState.Charging, Money.Zero), ((await StateAsync()).State, (await fixture.BalanceAsync()).Available));

        // Whoever began it may still be at it.
        await RunAsync();
        Assert.Equal(AutoTopUpState.Charging, (await StateAsync()).State);
        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        await RunAsync();
        await fixture.AnnounceAsync();

        Assert.Equal((1, Money.Dollars(20), AutoTopUpState.Ready), (Charges(), (await fixture.BalanceAsync()).Available, (await StateAsync()).State));
    }

    [Fact]
    public async Task A_charge_that_was_announced_before_its_answer_ends_there()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        fixture.Stripe.FailNextPosts(1);
        await Assert.ThrowsAsync<CollectorUnavailableException>(RunAsync);

        await fixture.AnnounceAsync();

        Assert.Equal((Money.Dollars(20), AutoTopUpState.Ready), ((await fixture.BalanceAsync()).Available, (await StateAsync()).State));
    }

    [Theory]
    [InlineData(2, AutoTopUpState.Ready, 1)]
    [InlineData(31, AutoTopUpState.Charging, 0)]
    [InlineData(61, AutoTopUpState.Ready, 0)]
    public async Task A_process_that_died_before_it_charged_leaves_an_intent_that_is_made_good_or_given_up(int minutes, AutoTopUpState state, int charges)
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        await DieBeforeChargingAsync();
        fixture.Clock.Advance(TimeSpan.FromMinutes(minutes));

        await RunAsync();

        var counted = state == AutoTopUpState.Charging ? 1 : charges;
        Assert.Equal((state, charges, Money.Dollars(20) * counted), ((await StateAsync()).State, Charges(), (await StateAsync()).SpentAt(fixture.Clock.GetUtcNow())));
        Assert.Equal(Money.Dollars(20) * charges, (await fixture.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_process_that_stood_still_between_writing_the_intent_and_charging_does_not_charge()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        fixture.Store.AfterWrite("auto_top_up", WhileItStandsStillAsync);

        await RunAsync();

        Assert.Equal((1, 2L, AutoTopUpState.Ready), (Charges(), (await StateAsync()).Attempt, (await StateAsync()).State));
        Assert.Equal((Money.Dollars(20), Money.Dollars(20)), ((await fixture.BalanceAsync()).Available, (await StateAsync()).SpentAt(fixture.Clock.GetUtcNow())));
    }

    [Fact]
    public async Task A_process_that_stood_still_before_it_sent_a_charge_again_does_not_send_it()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        await DieBeforeChargingAsync();
        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        fixture.Store.AfterRead("auto_top_up", WhileItStandsStillAsync);

        await RunAsync();

        Assert.Equal((1, 2L, Money.Dollars(20)), (Charges(), (await StateAsync()).Attempt, (await fixture.BalanceAsync()).Available));
    }

    [Fact]
    public async Task What_was_turned_off_before_the_charge_was_made_is_not_charged()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        await DieBeforeChargingAsync();
        await AgreeAsync(Terms with { Enabled = false });

        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        await RunAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await RunAsync();

        Assert.Equal((0, AutoTopUpState.Ready), (Charges(), (await StateAsync()).State));
    }

    [Fact]
    public async Task A_failure_that_Stripe_repeats_for_a_day_ends_in_a_new_attempt_and_one_charge()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        fixture.Stripe.FailNextPosts(1);
        await Assert.ThrowsAsync<CollectorUnavailableException>(RunAsync);

        // As if the failure had come before anything was made.
        fixture.Stripe.Change(Intent(), intent => (intent["status"], intent["metadata"]!["auto_top_up"]) = ("canceled", null));
        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<CollectorUnavailableException>(RunAsync);
        fixture.Clock.Advance(TimeSpan.FromMinutes(59));
        await RunAsync();
        await RunAsync();

        Assert.Equal((1, 2L, Money.Dollars(20)), (Charges(), (await StateAsync()).Attempt, (await fixture.BalanceAsync()).Available));
    }

    [Theory]
    [InlineData("processing", AutoTopUpState.Charging, "")]
    [InlineData("requires_action", AutoTopUpState.Declined, "authentication_required")]
    [InlineData("canceled", AutoTopUpState.Declined, "canceled")]
    public async Task A_payment_that_has_not_succeeded_is_no_credit_and_holds_the_next_one_only_while_it_may_still_come(string status, AutoTopUpState state, string code)
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        fixture.Stripe.FailNextPosts(1);
        await Assert.ThrowsAsync<CollectorUnavailableException>(RunAsync);
        fixture.Stripe.Change(Intent(), intent => intent["status"] = status);
        fixture.Clock.Advance(TimeSpan.FromDays(2));
        await RunAsync();

        Assert.Equal((state, code, Money.Zero), ((await StateAsync()).State, (await StateAsync()).DeclineCode, (await fixture.BalanceAsync()).Available));

        fixture.Stripe.Change(Intent(), intent => intent["status"] = "succeeded");
        await fixture.AnnounceAsync();

        Assert.Equal((1, Money.Dollars(20)), (Charges(), (await fixture.BalanceAsync()).Available));
    }

    [Fact]
    public async Task A_customer_that_was_deleted_in_Stripe_has_no_card()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        fixture.DeleteCustomer();

        await RunAsync();

        Assert.Equal((0, AutoTopUpState.Declined, "no_card"), (Charges(), (await StateAsync()).State, (await StateAsync()).DeclineCode));
        Assert.Single(fixture.Stripe.All("customer"));
    }

    [Fact]
    public async Task A_card_that_was_taken_away_between_looking_and_charging_is_none()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        var card = fixture.Stripe.All("payment_method").Single()["id"]!.GetValue<string>();
        var gone = await fixture.Of<IPaymentCollector>().ChargeAsync(new(fixture.Account.Id, (await StateAsync()).Customer, card + "x", 2_000, 1), TestContext.Current.CancellationToken);

        Assert.Equal((AutomaticPaymentStatus.Declined, "no_card"), (gone.Status, gone.DeclineCode));
    }

    [Fact]
    public async Task What_is_turned_off_buys_nothing_and_the_sweep_finds_what_is_on()
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        await AgreeAsync(Terms with { Enabled = false });
        await RunAsync();
        Assert.Equal(0, Charges());

        await AgreeAsync();
        await fixture.SweepAsync();

        Assert.Equal(1, Charges());
        Assert.Empty(fixture.Failures);
    }

    /// <summary>An hour, in which others find the intent, undo it, and buy credit under the next.</summary>
    private async Task WhileItStandsStillAsync()
    {
        fixture.Clock.Advance(TimeSpan.FromMinutes(61));
        await RunAsync();
        await RunAsync();
    }

    private async Task DieBeforeChargingAsync()
    {
        fixture.Store.AfterWrite("auto_top_up", () => throw new OperationCanceledException("The process dies."));
        await Assert.ThrowsAsync<OperationCanceledException>(RunAsync);
        Assert.Equal((AutoTopUpState.Charging, 0), ((await StateAsync()).State, Charges()));
    }

    /// <summary>Of the last charge.</summary>
    private string Intent() => fixture.Stripe.All("payment_intent")[0]["id"]!.GetValue<string>();

    private async Task BuyAndAgreeAsync(StripeTestCard card)
    {
        await fixture.CreditAsync(await fixture.PaidAsync(dollars: 20, card));
        await AgreeAsync();
    }

    private Task<AutoTopUp> AgreeAsync(AutoTopUpTerms? terms = null) => fixture.Of<TopUpAutomatically>().SetAsync(fixture.Account.Id, terms ?? Terms, TestContext.Current.CancellationToken);

    private Task RunAsync() => fixture.Of<TopUpAutomatically>().RunAsync(fixture.Account.Id, TestContext.Current.CancellationToken);

    private async Task<AutoTopUp> StateAsync() => (await fixture.Of<AutoTopUps>().FindAsync(fixture.Account.Id, TestContext.Current.CancellationToken))!.Value.TopUp;

    /// <summary>How many cards were charged, or tried, while their owner was away.</summary>
    private int Charges() => fixture.Stripe.All("payment_intent").Count(intent => intent["metadata"]!["auto_top_up"] is not null);
}
