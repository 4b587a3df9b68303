using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>Invoices that are not paid at once: tried again for two weeks, and then given up.</summary>
public sealed class StripeDunningTests : StripePostpaidTest
{
    /// <summary>When the first invoice is finalized.</summary>
    private static DateTimeOffset Due => NewMonth.AddHours(1);

    protected override StripeEmulatorOptions Options(StripeEmulatorOptions options) => options with { AfterRetries = StripeAfterRetries.Unpaid };

    [Fact]
    public async Task A_declined_card_is_tried_for_two_weeks_and_then_the_subscription_is_unpaid_and_drafts_only()
    {
        await OwingAsync(StripeTestCard.DeclinedWhenAway);
        Assert.Equal("past_due", Text(await SubscriptionAsync(), "status"));

        await Stripe.AdvanceAsync(Due.AddDays(14));
        Assert.Equal("unpaid", Text(await SubscriptionAsync(), "status"));
        var invoice = (await InvoicesAsync())[0];
        Assert.Equal(("open", 9L, null), (Text(invoice, "status"), Number(invoice, "attempt_count"), invoice["next_payment_attempt"]));
        Assert.Equal(9, Endpoint.Types.Count(type => type == "invoice.payment_failed"));

        await UseAsync(1_000_000);
        await Stripe.AdvanceAsync(NewMonth.AddMonths(2));
        Assert.Equal(["draft", "draft", "open"], (await InvoicesAsync()).Select(each => Text(each, "status")));
    }

    [Fact]
    public async Task A_new_card_pays_at_the_next_try_and_the_subscription_is_active_again()
    {
        await OwingAsync(StripeTestCard.DeclinedWhenAway);
        var session = await TopUpAsync(Customer);
        using var page = await PayAsync(session, StripeTestCard.Good);
        var card = Text((await ListAsync($"/v1/payment_methods?customer={Customer}&type=card"))[0]!.AsObject(), "id");
        await PostAsync($"/v1/subscriptions/{Subscription}", ("default_payment_method", card));
        await Stripe.AdvanceAsync(Due.AddDays(1));

        Assert.Equal(("active", "paid"), (Text(await SubscriptionAsync(), "status"), Text((await InvoicesAsync())[0], "status")));
    }

    [Fact]
    public async Task A_card_that_wants_its_owner_is_not_asked_again()
    {
        await OwingAsync(StripeTestCard.AuthenticationRequired);
        await Stripe.AdvanceAsync(Due.AddDays(14));

        Assert.Equal(1, Endpoint.Types.Count(type => type == "invoice.payment_failed"));
        Assert.Equal(1, Endpoint.Types.Count(type => type == "invoice.payment_action_required"));
        Assert.Equal("unpaid", Text(await SubscriptionAsync(), "status"));
    }

    [Theory]
    [InlineData("void", "void")]
    [InlineData("mark_uncollectible", "uncollectible")]
    public async Task An_invoice_that_is_given_up_by_hand_stops_nothing_any_more(string act, string status)
    {
        await OwingAsync(StripeTestCard.DeclinedWhenAway);
        await PostAsync($"/v1/invoices/{Id((await InvoicesAsync())[0])}/{act}");
        await Stripe.AdvanceAsync(Due.AddDays(14));

        Assert.Equal((status, "active"), (Text((await InvoicesAsync())[0], "status"), Text(await SubscriptionAsync(), "status")));
        Assert.Equal(1, Endpoint.Types.Count(type => type == "invoice.payment_failed"));
    }

    [Fact]
    public async Task A_try_by_hand_says_why_it_failed_and_out_of_band_it_is_paid()
    {
        await OwingAsync(StripeTestCard.DeclinedWhenAway);
        var id = Id((await InvoicesAsync())[0]);
        var (status, error) = await RefusedAsync($"/v1/invoices/{id}/pay");
        var paid = await PostAsync($"/v1/invoices/{id}/pay", ("paid_out_of_band", "true"));

        Assert.Equal((402, "card_declined"), (status, Text(error, "code")));
        Assert.Equal(("paid", "active"), (Text(paid, "status"), Text(await SubscriptionAsync(), "status")));
    }

    private async Task OwingAsync(StripeTestCard card)
    {
        await SubscribeAsync(card);
        await UseAsync(5_000_000);
        await Stripe.AdvanceAsync(Due);
    }
}
