using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Billing;
using ServerlessImages.Local;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Browser.Seed;

/// <summary>What the demo account bought: two payments with their invoices, terms of automatic top-ups that never come to it, and a subscription.</summary>
internal static class BillingSeed
{
    public static async Task SowAsync(LocalProduct product, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = product.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", product.DemoKey) } };
        await BuyAsync(http, new { amount_usd = "5" }, cancel);
        await BuyAsync(http, new { amount_usd = "20" }, cancel);
        (await http.PutAsJsonAsync("/v1/billing/auto-top-up", new { enabled = true, threshold_usd = "0.01", amount_usd = "20", monthly_cap_usd = "100", consent = true }, cancel)).EnsureSuccessStatusCode();

        await product.Services.GetRequiredService<ISubscriptionCollector>().SetUpAsync(cancel);
        await product.Services.GetRequiredService<PostpaidLimits>().ChangeAsync("acct_demo", account => account with { Approved = Money.Dollars(50) }, cancel);
        await BuyAsync(http, new { mode = "subscription" }, cancel);
    }

    private static async Task BuyAsync(HttpClient http, object order, CancellationToken cancel)
    {
        using var opened = await http.PostAsJsonAsync("/v1/billing/checkout", order, cancel);
        var checkout = await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel);
        using var card = new FormUrlEncodedContent([KeyValuePair.Create("card", StripeTestCard.Good.Number)]);
        (await http.PostAsync(checkout.GetProperty("url").GetString(), card, cancel)).EnsureSuccessStatusCode();
        (await http.GetAsync("/v1/billing/checkout/" + checkout.GetProperty("id").GetString(), cancel)).EnsureSuccessStatusCode();
    }
}
