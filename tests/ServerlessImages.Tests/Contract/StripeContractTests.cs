using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ServerlessImages.Billing;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Tests.Billing;
using ServerlessImages.Tests.Local.Stripe;

namespace ServerlessImages.Tests.Contract;

/// <summary>What the product asks, and all that the emulator answers, against the types of Stripe's own SDK: a parameter or a field that Stripe does not have, or an answer that lacks one, is a failure.</summary>
public sealed class StripeContractTests : StripePostpaidTest
{
    private readonly ConcurrentQueue<StripeExchange> exchanges = new();

    protected override StripeEmulatorOptions Options(StripeEmulatorOptions options) => options with { Record = exchanges.Enqueue };

    [Fact]
    public async Task What_the_product_asks_is_Stripes()
    {
        await using var fixture = await BillingFixture.StartAsync(record: exchanges.Enqueue);
        var collector = fixture.Of<IPaymentCollector>();
        var paid = await fixture.PaidAsync();
        var customer = (await collector.FindCustomerAsync(fixture.Account.Id, Cancel))!;
        var card = (await collector.FindCardAsync(customer, Cancel))!;
        var charge = await collector.ChargeAsync(new(fixture.Account.Id, customer, card, 2_000, 1), Cancel);
        await fixture.Stripe.RefundAsync(charge.Payment.Id, 500);
        await fixture.Stripe.DisputeAsync(paid.Payment!.Id);
        await collector.ReturnsAsync(charge.Payment.Id, Cancel);
        await collector.CreatePortalAsync(customer, new("https://images.example.com/"), Cancel);
        await fixture.AnnounceAsync();
        await fixture.SweepAsync();

        Assert.Empty(fixture.Failures);
        Assert.True(exchanges.Count > 10);
        Assert.Empty(await StripeTypes.DifferencesAsync(exchanges, Cancel));
    }

    [Fact]
    public async Task What_the_emulator_answers_is_Stripes()
    {
        await SubscribeAsync(StripeTestCard.DeclinedWhenAway);
        await PostAsync($"/v1/subscriptions/{Subscription}", ("billing_thresholds[amount_gte]", "1000"));
        await PostAsync("/v1/invoiceitems", ("customer", Customer), ("currency", "usd"), ("unit_amount_decimal", "0.0001"), ("quantity", "1000000"), ("metadata[hour]", "11"));
        await UseAsync(20_000_000);
        await PostAsync("/v1/billing/meter_events", ("event_name", "usage"), ("payload[value]", "1"), ("payload[stripe_customer_id]", "cus_nobody"));
        await PostAsync("/v1/billing/meter_events", ("event_name", "nothing"), ("payload[value]", "1"), ("payload[stripe_customer_id]", "cus_nobody"));
        await Stripe.AdvanceAsync(NewMonth.AddHours(2));
        var bought = await TopUpAsync(Customer);
        using var page = await PayAsync(bought, StripeTestCard.Good);
        var intent = Text(await GetAsync($"/v1/checkout/sessions/{Id(bought)}"), "payment_intent");
        var refund = Id(await PostAsync("/v1/refunds", ("payment_intent", intent), ("amount", "100")));
        var dispute = await Stripe.DisputeAsync(intent);
        await PayInvoicesAsync();
        await ReadAsync(intent, refund, dispute);
        await EndAsync();

        Assert.Empty(await StripeTypes.DifferencesAsync(exchanges, Cancel));
    }

    [Fact]
    public async Task What_is_not_Stripes_is_found()
    {
        await CustomerAsync();
        var good = Assert.Single(exchanges);
        var answer = JsonNode.Parse(good.Body)!.AsObject();
        answer.Remove("invoice_settings");
        answer["colour"] = "red";
        StripeExchange[] wrong =
        [
            good with { Fields = new Dictionary<string, string> { ["nickname"] = "Fox" } },
            good with { Body = answer.ToJsonString() },
            Asking("/v1/billing/meter_events", ("event_name", "usage")),
            Asking("/v1/checkout/sessions", ("mode", "gift")),
            Asking("/v1/prices", ("currency", "usd"), ("recurring[interval]", "month"), ("recurring[aggregate_usage]", "sum")),
            Asking("/v1/gifts"),
        ];

        var found = await StripeTypes.DifferencesAsync(wrong, Cancel);

        Assert.Contains(found, each => each.Contains("POST /v1/customers request", StringComparison.Ordinal) && each.Contains("nickname", StringComparison.Ordinal));
        Assert.Contains(found, each => each.Contains("POST /v1/customers answer", StringComparison.Ordinal) && each.Contains("invoice_settings", StringComparison.Ordinal));
        Assert.Contains(found, each => each.Contains("POST /v1/billing/meter_events request", StringComparison.Ordinal) && each.Contains("payload", StringComparison.Ordinal));
        Assert.Contains(found, each => each.Contains("POST /v1/checkout/sessions request/mode", StringComparison.Ordinal));
        Assert.Contains(found, each => each.Contains("aggregate_usage", StringComparison.Ordinal));
        Assert.Contains(found, each => each.Contains("/v1/gifts: the contract does not know this call", StringComparison.Ordinal));
    }

    private static StripeExchange Asking(string path, params (string Name, string Value)[] fields) => new("POST", path, fields.ToDictionary(each => each.Name, each => each.Value), 200, "{}");

    private async Task PayInvoicesAsync()
    {
        foreach (var (act, fields) in ((string, (string, string)[])[])[("void", []), ("mark_uncollectible", []), ("pay", [("paid_out_of_band", "true")])])
        {
            await PostAsync("/v1/invoiceitems", ("customer", Customer), ("currency", "usd"), ("amount", "700"));
            var invoice = Id(await PostAsync("/v1/invoices", ("customer", Customer), ("auto_advance", "false"), ("pending_invoice_items_behavior", "include")));
            await PostAsync($"/v1/invoices/{invoice}", ("metadata[why]", act));
            await PostAsync($"/v1/invoices/{invoice}/finalize");
            await PostAsync($"/v1/invoices/{invoice}/{act}", fields);
        }

        Assert.Equal(402, (await RefusedAsync($"/v1/invoices/{Id((await InvoicesAsync()).Single(each => Text(each, "status") == "open"))}/pay")).Status);
    }

    private async Task ReadAsync(string intent, string refund, string dispute)
    {
        var meter = Id((await ListAsync("/v1/billing/meters?status=active"))[0]!.AsObject());
        var price = (await ListAsync("/v1/prices?active=true&limit=1"))[0]!.AsObject();
        var invoice = (await InvoicesAsync())[0];
        var item = Id((await ListAsync($"/v1/invoiceitems?customer={Customer}&pending=false"))[0]!.AsObject());
        var thin = Id((await ListAsync("/v2/core/events?limit=20"))[0]!.AsObject());
        var card = Id((await ListAsync($"/v1/payment_methods?customer={Customer}&type=card"))[0]!.AsObject());
        var charge = Text(await GetAsync($"/v1/payment_intents/{intent}"), "latest_charge");
        await PostAsync($"/v1/customers/{Customer}", ("invoice_settings[default_payment_method]", card), ("email", "fox@example.com"));
        await PostAsync($"/v1/prices/{Id(price)}", ("lookup_key", "usage"));
        await PostAsync($"/v1/products/{Text(price, "product")}", ("description", "Images"));
        await PostAsync($"/v1/billing/meters/{meter}", ("display_name", "Images"));
        await PostAsync($"/v1/checkout/sessions/{Id(await TopUpAsync(Customer))}/expire");
        foreach (var path in (string[])
        [
            $"/v1/customers/{Customer}", "/v1/customers?limit=1", "/v1/customers/search?query=metadata['account']:'acct_sample'", $"/v1/payment_methods/{card}", "/v1/checkout/sessions?limit=3",
            $"/v1/payment_intents?customer={Customer}", $"/v1/charges/{charge}", $"/v1/refunds?payment_intent={intent}", $"/v1/refunds/{refund}", $"/v1/disputes?payment_intent={intent}", $"/v1/disputes/{dispute}",
            "/v1/events?limit=100", $"/v2/core/events/{thin}", "/v1/products?active=true", $"/v1/products/{Text(price, "product")}", $"/v1/prices/{Id(price)}", "/v1/prices?lookup_keys[0]=usage", $"/v1/billing/meters/{meter}",
            $"/v1/billing/meters/{meter}/event_summaries?customer={Customer}&start_time={Sample.Now.AddDays(-1).ToUnixTimeSeconds()}&end_time={Sample.Now.AddDays(1).ToUnixTimeSeconds()}&value_grouping_window=hour",
            $"/v1/subscriptions/{Subscription}?expand[0]=latest_invoice.payments&expand[1]=customer", $"/v1/subscriptions?customer={Customer}&status=all", $"/v1/invoices/{Id(invoice)}?expand[0]=payments", $"/v1/invoices/{Id(invoice)}/lines?limit=100",
            $"/v1/invoices?customer={Customer}&status=open", $"/v1/invoice_payments?invoice={Id(invoice)}", $"/v1/invoiceitems/{item}",
        ]) await GetAsync(path);
        var events = await ListAsync("/v1/events?limit=100&types[0]=invoice.created&types[1]=invoice.finalized&types[2]=invoice.paid");
        await GetAsync($"/v1/events/{Id(events[0]!.AsObject())}");
    }

    private async Task EndAsync()
    {
        await PostAsync("/v1/billing_portal/sessions", ("customer", Customer), ("return_url", "https://images.example.com/"));
        var meter = Id((await ListAsync("/v1/billing/meters"))[0]!.AsObject());
        await PostAsync($"/v1/billing/meters/{meter}/deactivate");
        await PostAsync($"/v1/billing/meters/{meter}/reactivate");
        await DeleteAsync($"/v1/invoiceitems/{Id(await PostAsync("/v1/invoiceitems", ("customer", Customer), ("currency", "usd"), ("amount", "700")))}");
        await DeleteAsync($"/v1/subscriptions/{Subscription}", ("invoice_now", "true"), ("prorate", "false"));
        await DeleteAsync($"/v1/customers/{Customer}");
    }

    private async Task DeleteAsync(string path, params (string Name, string Value)[] fields)
    {
        using var response = await SendAsync(HttpMethod.Delete, path, null, fields);
        await GoodAsync(response);
    }
}
