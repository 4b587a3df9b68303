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
    public async Task After_a_decline_a_payment_by_hand_with_a_good_card_recovers()
    {
        await BuyAndAgreeAsync(StripeTestCard.DeclinedWhenAway);
        await fixture.SpendAsync(Money.Dollars(20));
        await RunAsync();

        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await fixture.CreditAsync(await fixture.PaidAsync(dollars: 5));
        Assert.Equal(AutoTopUpState.Ready, (await StateAsync()).State);
        await fixture.SpendAsync(Money.Dollars(5));
        await RunAsync();

        Assert.Equal((Money.Dollars(20), AutoTopUpState.Ready), ((await fixture.BalanceAsync()).Available, (await StateAsync()).State));
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
    [InlineData(61, AutoTopUpState.Ready, 0)]
    public async Task A_process_that_died_before_it_charged_leaves_an_intent_that_is_made_good_or_given_up(int minutes, AutoTopUpState state, int charges)
    {
        await BuyAndAgreeAsync(StripeTestCard.Good);
        await fixture.SpendAsync(Money.Dollars(20));
        var topUps = fixture.Of<AutoTopUps>();
        var customer = await fixture.Of<Customers>().FindAsync(fixture.Account.Id, TestContext.Current.CancellationToken);
        var card = await fixture.Of<IPaymentCollector>().FindCardAsync(customer!, TestContext.Current.CancellationToken);
        await topUps.ChangeAsync(fixture.Account.Id, topUp => topUp!.Begin(card!, fixture.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromMinutes(minutes));

        await RunAsync();

        Assert.Equal((state, charges, Money.Dollars(20) * charges), ((await StateAsync()).State, Charges(), (await StateAsync()).SpentAt(fixture.Clock.GetUtcNow())));
        Assert.Equal(Money.Dollars(20) * charges, (await fixture.BalanceAsync()).Available);
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
