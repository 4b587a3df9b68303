using System.Text.Json.Nodes;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>What becomes of usage: the draft at the period's end, the grace, and what is too late.</summary>
public sealed class StripeInvoiceTests : StripePostpaidTest
{
    [Fact]
    public async Task A_month_is_drafted_finalized_after_the_grace_and_paid_to_the_cent()
    {
        await SubscribeAsync();
        Assert.Empty(await InvoicesAsync());
        await UseAsync(1_234_000);
        await UseAsync(5_678_900);
        await Stripe.AdvanceAsync(NewMonth);
        Assert.Equal([("draft", 691L)], await BilledAsync());

        await Stripe.AdvanceAsync(NewMonth.AddHours(1));

        var invoice = Assert.Single(await InvoicesAsync());
        var line = invoice["lines"]!["data"]![0]!.AsObject();
        Assert.Equal(("paid", "subscription_cycle", 691L, 691L), (Text(invoice, "status"), Text(invoice, "billing_reason"), Number(invoice, "total"), Number(invoice, "amount_paid")));
        Assert.Equal(("6912900", "0.0001", Customer), (Text(line, "quantity_decimal"), Text(line["pricing"]!.AsObject(), "unit_amount_decimal"), Text(invoice, "customer")));
        Assert.Equal((NewMonth.ToUnixTimeSeconds(), NewMonth.AddMonths(1).ToUnixTimeSeconds()), PeriodOf(await SubscriptionAsync()));
        Assert.Equal(["invoice.created", "invoice.finalized", "invoice.paid"], Endpoint.Types.Where(type => type is "invoice.created" or "invoice.finalized" or "invoice.paid"));
        Assert.Equal("succeeded", Text((await ListAsync($"/v1/payment_intents?customer={Customer}"))[0]!.AsObject(), "status"));
    }

    [Fact]
    public async Task Usage_of_the_period_that_comes_in_the_grace_is_billed_and_later_it_is_lost_for_ever()
    {
        await SubscribeAsync();
        await UseAsync(1_000_000);
        await Stripe.AdvanceAsync(NewMonth.AddMinutes(59));
        await UseAsync(2_000_000, NewMonth.AddMinutes(-1));
        await UseAsync(5_000_000, NewMonth);
        await Stripe.AdvanceAsync(NewMonth.AddHours(1));
        await UseAsync(7_000_000, NewMonth.AddMinutes(-1));

        await Stripe.AdvanceAsync(NewMonth.AddMonths(2).AddHours(2));

        Assert.Equal([("paid", 0), ("paid", 500), ("paid", 300)], await BilledAsync());
    }

    [Fact]
    public async Task A_credit_of_usage_never_makes_a_line_less_than_nothing()
    {
        await SubscribeAsync();
        await UseAsync(-3_000_000);
        await Stripe.AdvanceAsync(NewMonth.AddHours(1));

        Assert.Equal([("paid", 0)], await BilledAsync());
    }

    [Fact]
    public async Task Less_than_half_a_dollar_is_carried_over_to_the_next_invoice()
    {
        await SubscribeAsync();
        await UseAsync(300_000);
        await Stripe.AdvanceAsync(NewMonth.AddHours(1));
        await UseAsync(400_000);
        await Stripe.AdvanceAsync(NewMonth.AddMonths(1).AddHours(1));

        var invoices = await InvoicesAsync();
        Assert.Equal([(40, 30, 70), (30, 0, 0)], invoices.Select(each => (Number(each, "total"), Number(each, "starting_balance"), Number(each, "amount_paid"))));
    }

    [Fact]
    public async Task A_threshold_invoices_what_was_used_and_the_end_of_the_month_only_the_rest()
    {
        await SubscribeAsync();
        await PostAsync($"/v1/subscriptions/{Subscription}", ("billing_thresholds[amount_gte]", "1000"));
        await UseAsync(9_990_000);
        Assert.Empty(await InvoicesAsync());
        await UseAsync(2_000_000);
        await UseAsync(1_000_000);
        await Stripe.AdvanceAsync(NewMonth.AddDays(-1));
        await UseAsync(50_000_000);
        await Stripe.AdvanceAsync(NewMonth.AddHours(1));

        var invoices = await InvoicesAsync();
        Assert.Equal([("subscription_cycle", 5_100), ("subscription_threshold", 1_199)], invoices.Select(each => (Text(each, "billing_reason"), Number(each, "amount_paid"))));
    }

    [Fact]
    public async Task An_empty_value_takes_the_threshold_away()
    {
        await SubscribeAsync();
        Assert.NotNull((await PostAsync($"/v1/subscriptions/{Subscription}", ("billing_thresholds[amount_gte]", "1000")))["billing_thresholds"]);

        Assert.Null((await PostAsync($"/v1/subscriptions/{Subscription}", ("billing_thresholds", "")))["billing_thresholds"]);
        await UseAsync(99_000_000);
        Assert.Empty(await InvoicesAsync());
    }

    [Fact]
    public async Task Pending_items_go_on_the_next_invoice_with_their_words_and_each_rounded_by_itself()
    {
        await SubscribeAsync();
        var item = await PostAsync("/v1/invoiceitems", ("customer", Customer), ("currency", "usd"), ("unit_amount_decimal", "0.0001"), ("quantity", "1235000"), ("description", "Usage of November"), ("metadata[hour]", "2026-11-23T11"));
        await PostAsync("/v1/invoiceitems", ("customer", Customer), ("currency", "usd"), ("amount", "-20"), ("description", "A credit"));
        await UseAsync(1_005_000);
        await Stripe.AdvanceAsync(NewMonth.AddHours(1));

        var invoice = Assert.Single(await InvoicesAsync());
        Assert.Equal([101, 124, -20], invoice["lines"]!["data"]!.AsArray().Select(each => Number(each!.AsObject(), "amount")));
        Assert.Equal("2026-11-23T11", (await ListAsync($"/v1/invoices/{Id(invoice)}/lines"))[1]!["metadata"]!["hour"]!.GetValue<string>());
        Assert.Equal(Id(invoice), Text(await GetAsync($"/v1/invoiceitems/{Id(item)}"), "invoice"));
        Assert.Empty(await ListAsync($"/v1/invoiceitems?customer={Customer}&pending=true"));
    }

    [Theory]
    [InlineData("false", 0)]
    [InlineData("true", 700)]
    public async Task A_subscription_that_is_canceled_at_once_bills_its_open_usage_only_when_told_to(string invoiceNow, long cents)
    {
        await SubscribeAsync();
        await UseAsync(7_000_000);
        using var canceled = await SendAsync(HttpMethod.Delete, $"/v1/subscriptions/{Subscription}", null, ("invoice_now", invoiceNow));
        await Stripe.AdvanceAsync(NewMonth.AddMonths(2));

        Assert.Equal("canceled", Text(await GoodAsync(canceled), "status"));
        Assert.Equal(cents, (await InvoicesAsync()).Sum(each => Number(each, "amount_paid")));
        Assert.Contains("customer.subscription.deleted", Endpoint.Types);
    }

    [Fact]
    public async Task Lines_of_usage_have_no_quantity_and_the_period_ends_within_a_month()
    {
        await SubscribeAsync();

        Assert.Equal(400, (await RefusedAsync("/v1/checkout/sessions", Session(("line_items[0][quantity]", "1")))).Status);
        Assert.Equal(400, (await RefusedAsync("/v1/checkout/sessions", [.. Session().Where(each => each.Name != "subscription_data[billing_cycle_anchor]"), ("subscription_data[billing_cycle_anchor]", Fields(NewMonth.AddMonths(1).ToUnixTimeSeconds()))])).Status);
    }

    [Fact]
    public async Task What_is_bought_on_a_page_has_its_invoice_too()
    {
        var session = await TopUpAsync(await CustomerAsync());
        using var page = await PayAsync(session, StripeTestCard.Good);

        var invoice = await GetAsync($"/v1/invoices/{Text(await GetAsync($"/v1/checkout/sessions/{Id(session)}"), "invoice")}?expand[0]=payments");
        Assert.Equal(("paid", 2_000L, "Prepaid credit"), (Text(invoice, "status"), Number(invoice, "amount_paid"), invoice["lines"]!["data"]![0]!["description"]!.GetValue<string>()));
        Assert.Equal("succeeded", Text(await GetAsync($"/v1/payment_intents/{invoice["payments"]!["data"]![0]!["payment"]!["payment_intent"]!.GetValue<string>()}"), "status"));
        Assert.NotNull(invoice["invoice_pdf"]);
    }

    [Fact]
    public async Task An_invoice_shows_ten_lines_and_lists_them_all()
    {
        var customer = await CustomerAsync();
        for (var number = 0; number < 12; number++) await PostAsync("/v1/invoiceitems", ("customer", customer), ("currency", "usd"), ("amount", "100"));
        var invoice = await PostAsync("/v1/invoices", ("customer", customer), ("pending_invoice_items_behavior", "include"));

        Assert.Equal((1_200L, 10, true), (Number(invoice, "total"), invoice["lines"]!["data"]!.AsArray().Count, invoice["lines"]!["has_more"]!.GetValue<bool>()));
        Assert.Equal(12, (await ListAsync($"/v1/invoices/{Id(invoice)}/lines?limit=100")).Count);
    }

    private static (long Start, long End) PeriodOf(JsonObject subscription) =>
        (Number(subscription["items"]!["data"]![0]!.AsObject(), "current_period_start"), Number(subscription["items"]!["data"]![0]!.AsObject(), "current_period_end"));
}
