using System.Globalization;
using System.Text.Json.Nodes;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>A customer who pays afterwards: one meter in millionths of a dollar, one price, and a period that ends with the month.</summary>
public abstract class StripePostpaidTest : StripeTest
{
    /// <summary>The end of the first period.</summary>
    protected static readonly DateTimeOffset NewMonth = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    private int events;
    private string price = "";

    protected string Customer { get; private set; } = "";
    protected string Subscription { get; private set; } = "";

    protected async Task SubscribeAsync(StripeTestCard? card = null)
    {
        Customer = await CustomerAsync();
        var meter = Id(await PostAsync("/v1/billing/meters", ("display_name", "Usage"), ("event_name", "usage"), ("default_aggregation[formula]", "sum")));
        var product = Id(await PostAsync("/v1/products", ("name", "Images")));
        price = Id(await PostAsync("/v1/prices", ("product", product), ("currency", "usd"), ("unit_amount_decimal", "0.0001"), ("recurring[interval]", "month"), ("recurring[usage_type]", "metered"), ("recurring[meter]", meter)));
        var session = await PostAsync("/v1/checkout/sessions", Session());
        using var page = await PayAsync(session, card ?? StripeTestCard.Good);
        Assert.Equal("https://images.example.com/ok", page.Headers.Location?.OriginalString);
        Subscription = Text(await GetAsync($"/v1/checkout/sessions/{Id(session)}"), "subscription");
    }

    protected (string Name, string Value)[] Session(params (string Name, string Value)[] more) =>
    [
        ("mode", "subscription"), ("customer", Customer), ("success_url", "https://images.example.com/ok"), ("line_items[0][price]", price), ("payment_method_collection", "always"),
        ("subscription_data[billing_mode][type]", "flexible"), ("subscription_data[billing_cycle_anchor]", Fields(NewMonth.ToUnixTimeSeconds())),
        ("subscription_data[proration_behavior]", "none"), ("subscription_data[metadata][account]", "acct_sample"), .. more,
    ];

    /// <param name="at">When it was used; null: now.</param>
    protected Task<JsonObject> UseAsync(long micros, DateTimeOffset? at = null) => PostAsync(
        "/v1/billing/meter_events",
        ("event_name", "usage"), ("identifier", $"event {++events}"), ("payload[value]", micros.ToString(CultureInfo.InvariantCulture)), ("payload[stripe_customer_id]", Customer),
        ("timestamp", Fields((at ?? Clock.GetUtcNow()).ToUnixTimeSeconds())));

    protected Task<JsonObject> SubscriptionAsync() => GetAsync($"/v1/subscriptions/{Subscription}");

    /// <summary>Newest first.</summary>
    protected async Task<IReadOnlyList<JsonObject>> InvoicesAsync() => [.. (await ListAsync($"/v1/invoices?subscription={Subscription}")).Select(each => each!.AsObject())];

    /// <summary>Status and cents, newest first.</summary>
    protected async Task<IEnumerable<(string Status, long Cents)>> BilledAsync() => (await InvoicesAsync()).Select(each => (Text(each, "status"), Number(each, "total")));

    protected static string Text(JsonObject json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        return json[name]!.GetValue<string>();
    }

    protected static long Number(JsonObject json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        return json[name]!.GetValue<long>();
    }
}
