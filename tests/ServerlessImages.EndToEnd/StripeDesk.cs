using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.EndToEnd;

/// <summary>What has to be at Stripe before the callers come: a card, consent to automatic top-ups, a subscription.</summary>
internal sealed class StripeDesk(BackOffice office)
{
    private static readonly Uri Anywhere = new("http://images.example/back");
    private static readonly HttpClient Browser = new(new HttpClientHandler { AllowAutoRedirect = false });

    /// <summary>As a payer's browser would, up to where it is sent back.</summary>
    public static async Task PayAsync(Uri page, CancellationToken cancel)
    {
        using var card = new FormUrlEncodedContent([KeyValuePair.Create("card", StripeTestCard.Good.Number)]);
        using var paid = await Browser.PostAsync(page, card, cancel);
        Assert.Equal(System.Net.HttpStatusCode.Redirect, paid.StatusCode);
    }

    public Task SetUpAsync(CancellationToken cancel) => office.Service<ISubscriptionCollector>().SetUpAsync(cancel);

    /// <summary>Leaves a card, and agrees to be charged $5 after any request that leaves less than $1,000: many times, and up to a cap that is not reached.</summary>
    public async Task TopUpAutomaticallyAsync(Customer customer, CancellationToken cancel)
    {
        var account = await AccountAsync(customer, cancel);
        var checkout = await office.Service<StartCheckout>().RunAsync(account, Money.Dollars(5), null, Anywhere, Anywhere, cancel);
        if (!checkout.TryGet(out var page, out var error)) throw new InvalidOperationException(error.Message);
        await PayAsync(page.Url!, cancel);
        await office.Service<TopUpAutomatically>().SetAsync(account.Id, new(true, Money.Dollars(1_000), Money.Dollars(5), Money.Dollars(5_000), "key", office.Clock.GetUtcNow()), cancel);
    }

    /// <summary>Lets an account owe up to $1,000. Its period ends long after the test, whatever day it is.</summary>
    public async Task SubscribeAsync(Customer customer, CancellationToken cancel)
    {
        var account = await AccountAsync(customer, cancel);
        await office.Service<PostpaidLimits>().ChangeAsync(account.Id, postpaid => postpaid with { Approved = Money.Dollars(1_000) }, cancel);
        var (id, now) = (await office.Service<Customers>().EnsureAsync(account, cancel), office.Clock.GetUtcNow());
        var order = new SubscriptionOrder(account.Id, id, new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(20), now.AddHours(2), AutomaticTax: false, Anywhere, Anywhere, "subscribe-" + account.Id);
        if (!(await office.Service<ISubscriptionCollector>().CreateSubscriptionCheckoutAsync(order, cancel)).TryGet(out var page, out var error)) throw new InvalidOperationException(error.Message);
        await PayAsync(page.Url!, cancel);
        await office.Service<SyncPostpaid>().RunAsync(account.Id, cancel);
    }

    private async Task<Account> AccountAsync(Customer customer, CancellationToken cancel) => (await office.Service<AccountDirectory>().FindAsync(customer.Partition.Account, cancel))!;
}
