using ServerlessImages.Billing;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Billing;

/// <summary>Money that goes back: each refund and dispute once, whatever is announced when.</summary>
public sealed class ReturnTests : IAsyncLifetime
{
    private BillingFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await BillingFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Of_a_payment_with_taxes_the_credits_share_goes_back_and_never_more_than_the_credit()
    {
        var payment = await BuyAsync();
        fixture.Stripe.Change(payment, intent => intent["amount"] = 2_380);
        for (var part = 0; part < 3; part++) await fixture.Stripe.RefundAsync(payment, 793);
        await fixture.Stripe.RefundAsync(payment, 1);
        await fixture.AnnounceAsync();

        // 20 dollars × 793 ÷ 2380 is 6.663865…, rounded down, and 20 × 1 ÷ 2380 is 0.008403….
        Assert.Equal(new Money((3 * 6_663_865) + 8_403), (await fixture.BalanceAsync()).Refunded);
    }

    [Fact]
    public async Task A_refund_that_fails_is_credit_again()
    {
        var payment = await BuyAsync();
        var refund = await fixture.Stripe.RefundAsync(payment);
        await fixture.AnnounceAsync();
        await fixture.Stripe.FailRefundAsync(refund);
        await fixture.AnnounceAsync();
        await fixture.AnnounceAsync();

        Assert.Equal((Money.Dollars(20), Money.Zero), ((await fixture.BalanceAsync()).Available, (await fixture.BalanceAsync()).Refunded));
        Assert.Equal([EntryType.Grant, EntryType.Refund, EntryType.Reversal], (await fixture.EntriesAsync()).Select(entry => entry.Type));
    }

    [Theory]
    [InlineData(true, 20)]
    [InlineData(false, 0)]
    public async Task A_dispute_takes_the_credit_and_gives_it_back_only_if_it_is_won(bool won, int dollars)
    {
        var payment = await BuyAsync();
        var dispute = await fixture.Stripe.DisputeAsync(payment);
        await fixture.AnnounceAsync();
        Assert.Equal(Money.Zero, (await fixture.BalanceAsync()).Available);

        await fixture.Stripe.CloseDisputeAsync(dispute, won);
        await fixture.AnnounceAsync();

        Assert.Equal(Money.Dollars(dollars), (await fixture.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_bank_that_only_asks_takes_nothing()
    {
        var payment = await BuyAsync();
        fixture.Stripe.Change(await fixture.Stripe.DisputeAsync(payment), dispute => dispute["status"] = "warning_needs_response");
        await fixture.AnnounceAsync();

        Assert.Equal(Money.Dollars(20), (await fixture.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_refund_that_is_heard_of_before_its_payment_comes_out_the_same()
    {
        var checkout = await fixture.PaidAsync(dollars: 20);
        await fixture.Stripe.RefundAsync(checkout.Payment!.Id, 500);
        await fixture.Of<TakeBackPayment>().RunAsync(checkout.Payment.Id, TestContext.Current.CancellationToken);
        await fixture.CreditAsync(checkout);

        Assert.Equal(Money.Dollars(15), (await fixture.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_refund_of_what_never_became_credit_takes_nothing()
    {
        var checkout = await fixture.PaidAsync(dollars: 20);
        fixture.Stripe.Change(checkout.Id, session => session["amount_subtotal"] = 2_001);
        await fixture.AnnounceAsync();
        await fixture.Stripe.RefundAsync(checkout.Payment!.Id);
        await fixture.AnnounceAsync();

        Assert.Empty(await fixture.EntriesAsync());
        Assert.Empty(fixture.Failures);
    }

    [Fact]
    public async Task A_refund_that_fails_while_another_instance_takes_it_is_credit_again()
    {
        var payment = await BuyAsync();
        var refund = await fixture.Stripe.RefundAsync(payment);

        // Between reading what was refunded and taking it, it fails, and an instance that hears of that finds nothing to give back.
        fixture.Store.AfterRead("inbox", async () =>
        {
            await fixture.Stripe.FailRefundAsync(refund);
            await fixture.Of<TakeBackPayment>().RunAsync(payment, TestContext.Current.CancellationToken);
        });
        await fixture.Of<TakeBackPayment>().RunAsync(payment, TestContext.Current.CancellationToken);

        Assert.Equal(Money.Dollars(20), (await fixture.BalanceAsync()).Available);
        Assert.Equal([EntryType.Grant, EntryType.Refund, EntryType.Reversal], (await fixture.EntriesAsync()).Select(entry => entry.Type));
    }

    /// <returns>The payment's id.</returns>
    private async Task<string> BuyAsync()
    {
        var checkout = await fixture.PaidAsync(dollars: 20);
        await fixture.CreditAsync(checkout);
        return checkout.Payment!.Id;
    }
}
