using System.Net;
using System.Text;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>What a customer does alone, in the portal.</summary>
public sealed class StripePortalTests : StripePostpaidTest
{
    private static readonly HttpClient Browser = new();

    [Fact]
    public async Task An_owner_who_changes_the_card_and_pays_is_served_again()
    {
        var portal = await OwingAsync();
        var before = await Browser.GetStringAsync(portal, Cancel);
        await SubmitAsync(portal, ("act", "card"), ("card", StripeTestCard.Good.Number));
        await SubmitAsync(new((await InvoicesAsync())[0]["hosted_invoice_url"]!.GetValue<string>()));

        Assert.Contains("The card that ends in 0341 is charged.", before, StringComparison.Ordinal);
        Assert.Contains("past_due", before, StringComparison.Ordinal);
        Assert.Contains("The card that ends in 4242 is charged.", await Browser.GetStringAsync(portal, Cancel), StringComparison.Ordinal);
        Assert.Equal(("active", "paid"), (Text(await SubscriptionAsync(), "status"), Text((await InvoicesAsync())[0], "status")));
    }

    [Fact]
    public async Task A_subscription_that_is_ended_there_bills_its_last_period_and_is_gone()
    {
        var portal = await OwingAsync(StripeTestCard.Good);
        await SubmitAsync(portal, ("act", "cancel"), ("subscription", Subscription));
        await UseAsync(3_000_000);
        Assert.True((await SubscriptionAsync())["cancel_at_period_end"]!.GetValue<bool>());
        await Stripe.AdvanceAsync(NewMonth.AddMonths(1).AddHours(1));

        Assert.Equal("canceled", Text(await SubscriptionAsync(), "status"));
        Assert.Equal([300L, 500L], (await InvoicesAsync()).Select(each => Number(each, "total")));
    }

    [Fact]
    public async Task An_invoice_is_a_PDF_too()
    {
        await OwingAsync();
        var pdf = await Browser.GetByteArrayAsync(new Uri((await InvoicesAsync())[0]["invoice_pdf"]!.GetValue<string>()), Cancel);

        Assert.StartsWith("%PDF-1.4", Encoding.ASCII.GetString(pdf), StringComparison.Ordinal);
        Assert.Contains("Total: $5.00", Encoding.ASCII.GetString(pdf), StringComparison.Ordinal);
    }

    /// <returns>The portal's address.</returns>
    private async Task<Uri> OwingAsync(StripeTestCard? card = null)
    {
        await SubscribeAsync(card ?? StripeTestCard.DeclinedWhenAway);
        await UseAsync(5_000_000);
        await Stripe.AdvanceAsync(NewMonth.AddHours(1));
        return new(Text(await PostAsync("/v1/billing_portal/sessions", ("customer", Customer), ("return_url", "https://images.example.com/")), "url"));
    }

    private static async Task SubmitAsync(Uri page, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(each => KeyValuePair.Create(each.Name, each.Value)));
        using var response = await Browser.PostAsync(page, form, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
