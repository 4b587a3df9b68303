using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Billing.Scenarios;

/// <summary>Months of an account that pays before.</summary>
public sealed class PrepaidScenarioTests : ScenarioTest
{
    private static readonly AutoTopUpTerms Terms = new(true, Money.Dollars(5), Money.Dollars(20), Money.Dollars(40), "key", Sample.Now);

    [Fact]
    public async Task Top_up_by_hand_is_one_grant_for_each_payment_all_month_however_often_it_is_told()
    {
        for (var week = 0; week < 5; week++)
        {
            await BuyAsync(20);
            await SpendAsync(19_999_999);
            await PassAsync(days: 7);
        }

        // Nobody announces the last one but Stripe's own list.
        await Fixture.PaidAsync(5);
        await PassAsync(days: 1);

        var balance = await Fixture.BalanceAsync();
        Assert.Equal((Money.Dollars(105), new Money(5_000_005)), (balance.Granted, balance.Available));
        Assert.Single(Fixture.Stripe.All("customer"));
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Auto_top_up_buys_whenever_credit_is_low_and_never_above_the_cap_of_the_month()
    {
        await BuyAsync(20);
        await AgreeAsync();
        var refused = new List<DateTimeOffset>();
        while (Fixture.Clock.GetUtcNow() < January.AddDays(1))
        {
            if ((await Fixture.BalanceAsync()).Available >= Money.Dollars(4)) await SpendAsync(4_000_000);
            else refused.Add(Fixture.Clock.GetUtcNow());
            await PassAsync(days: 1);
        }

        // $40 in November, $40 in December, and from January on again.
        var charges = await ChargesAsync();
        Assert.Equal([11, 12, 12, 1], charges.Select(each => each.Month));
        Assert.All(refused, each => Assert.Equal(12, each.Month));
        Assert.NotEmpty(refused);
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Decline_and_recovery_a_declined_card_is_left_alone_for_weeks_until_a_payment_by_hand_with_a_good_one()
    {
        await BuyAsync(20, StripeTestCard.DeclinedWhenAway);
        await AgreeAsync();
        await SpendAsync(18_000_000);
        await PassAsync(days: 15);
        Assert.Equal((1, AutoTopUpState.Declined), (Intents(), (await StateAsync()).State));

        await BuyAsync(5);
        Assert.Equal(AutoTopUpState.Ready, (await StateAsync()).State);
        await SpendAsync(5_000_000);
        await PassAsync(days: 16);

        Assert.Equal((2, AutoTopUpState.Ready, Money.Dollars(22)), (Intents(), (await StateAsync()).State, (await Fixture.BalanceAsync()).Available));
        Assert.Single(await ChargesAsync());
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Refund_after_spend_is_debt_that_stops_the_account_and_that_the_next_payment_pays_first()
    {
        var first = await BuyAsync(20);
        await SpendAsync(15_000_000);
        await Fixture.Stripe.RefundAsync(first);
        await PassAsync(days: 10);
        Assert.Equal((Money.Dollars(15), Money.Dollars(20)), ((await Fixture.BalanceAsync()).Debt, (await Fixture.BalanceAsync()).Refunded));
        Assert.Equal("account_in_debt", await RefusalAsync());

        var second = await BuyAsync(20);
        Assert.Equal(Money.Dollars(5), (await Fixture.BalanceAsync()).Available);
        await SpendAsync(1_000_000);
        await Fixture.Stripe.RefundAsync(second, cents: 150);
        var failed = await Fixture.Stripe.RefundAsync(second, cents: 200);
        await PassAsync(days: 1);
        await Fixture.Stripe.FailRefundAsync(failed);
        await PassAsync(days: 20);

        Assert.Equal((new Money(2_500_000), Money.Zero), ((await Fixture.BalanceAsync()).Available, (await Fixture.BalanceAsync()).Debt));
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Dispute_stops_the_account_while_the_bank_decides_and_only_a_won_one_gives_the_credit_back()
    {
        var (first, second) = (await BuyAsync(20), await BuyAsync(30));
        await SpendAsync(10_000_000);
        var won = await Fixture.Stripe.DisputeAsync(first);
        await PassAsync(days: 5);
        Assert.Equal((StopReasons.PaymentDisputed, Money.Dollars(20)), ((await Fixture.BalanceAsync()).Stops, (await Fixture.BalanceAsync()).Available));
        Assert.Equal("account_paused", await RefusalAsync());

        await Fixture.Stripe.CloseDisputeAsync(won, won: true);
        await PassAsync(days: 1);
        Assert.Equal((StopReasons.None, Money.Dollars(40)), ((await Fixture.BalanceAsync()).Stops, (await Fixture.BalanceAsync()).Available));

        var lost = await Fixture.Stripe.DisputeAsync(second);
        await PassAsync(days: 20);
        await Fixture.Stripe.CloseDisputeAsync(lost, won: false);
        await PassAsync(days: 6);

        Assert.Equal((StopReasons.None, Money.Dollars(10)), ((await Fixture.BalanceAsync()).Stops, (await Fixture.BalanceAsync()).Available));
        await Fixture.ReckonAsync();
    }

    private Task<AutoTopUp> AgreeAsync() => Fixture.Of<TopUpAutomatically>().SetAsync(Fixture.Account.Id, Terms, Cancel);

    private async Task<AutoTopUp> StateAsync() => (await Fixture.Of<AutoTopUps>().FindAsync(Fixture.Account.Id, Cancel))!.Value.TopUp;

    /// <summary>How often a card was charged, or tried, while its owner was away.</summary>
    private int Intents() => Fixture.Stripe.All("payment_intent").Count(each => each["metadata"]!["auto_top_up"] is not null);

    /// <summary>When automatic payments became credit.</summary>
    private async Task<IEnumerable<DateTimeOffset>> ChargesAsync()
    {
        var automatic = Fixture.Stripe.All("payment_intent").Where(each => each["metadata"]!["auto_top_up"] is not null).Select(each => each["id"]!.GetValue<string>()).ToHashSet();
        return (await Fixture.EntriesAsync()).Where(entry => entry.Type == EntryType.Grant && automatic.Contains(entry.Id)).Select(entry => entry.At);
    }
}
