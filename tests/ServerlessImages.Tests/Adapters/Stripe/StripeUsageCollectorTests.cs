using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Adapters.Stripe;

/// <summary>An hour on the wire to Stripe, and what each of its answers means.</summary>
public sealed class StripeUsageCollectorTests : IAsyncLifetime
{
    private static readonly LedgerHour Hour = LedgerHour.Of(Sample.Now);
    private static readonly UsageRecord Usage = new("acct_sample", Hour, new(42_000_001), "acct_sample:2026112312:1", "acct_sample:2026112312:1:1");

    private readonly FakeTimeProvider clock = new(Sample.Now.AddHours(2));
    private ScriptedStripe stripe = null!;

    public async ValueTask InitializeAsync() => stripe = await ScriptedStripe.StartAsync(clock);

    public ValueTask DisposeAsync() => stripe.DisposeAsync();

    [Fact]
    public async Task An_hour_is_one_event_with_whole_micro_dollars_at_its_last_second()
    {
        await TrustAsync();

        Assert.Equal(CollectorAnswer.Delivered, await Collector.RecordAsync(Usage, Cancel));

        var sent = Assert.Single(stripe.Calls);
        Assert.Equal(("POST /v1/billing/meter_events", "acct_sample:2026112312:1:1"), (sent.What, sent.Key));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["event_name"] = "serverlessimages_usage_micro_usd",
                ["identifier"] = "acct_sample:2026112312:1",
                ["payload[stripe_customer_id]"] = "cus_1",
                ["payload[value]"] = "42000001",
                ["timestamp"] = Sample.Now.AddMinutes(60).AddSeconds(-1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            },
            sent.Fields);
    }

    [Fact]
    public async Task An_hour_that_was_ended_early_is_reported_as_of_now()
    {
        await TrustAsync();
        clock.SetUtcNow(Sample.Now.AddMinutes(125));

        await Collector.RecordAsync(Usage with { Hour = new(Hour.Number + 2) }, Cancel);

        Assert.Equal(Sample.Now.AddMinutes(125).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), stripe.Calls[0].Fields["timestamp"]);
    }

    [Theory]
    [InlineData(400, """{"error":{"type":"invalid_request_error","message":"An event already exists with identifier acct_sample:2026112312:1."}}""", CollectorOutcome.Delivered)]
    [InlineData(400, """{"error":{"type":"invalid_request_error","code":"archived_meter","message":"The meter is archived."}}""", CollectorOutcome.Refused)]
    [InlineData(404, """{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such customer."}}""", CollectorOutcome.Refused)]
    [InlineData(400, """{"error":{"type":"idempotency_error","message":"Keys for idempotent requests."}}""", CollectorOutcome.Unavailable)]
    [InlineData(401, """{"error":{"type":"invalid_request_error","message":"Invalid API Key provided."}}""", CollectorOutcome.Unavailable)]
    [InlineData(409, """{"error":{"type":"invalid_request_error","message":"In use."}}""", CollectorOutcome.Unavailable)]
    [InlineData(429, """{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Too many."}}""", CollectorOutcome.Unavailable)]
    [InlineData(500, """{"error":{"type":"api_error","message":"Sorry."}}""", CollectorOutcome.Unavailable)]
    public async Task Each_answer_is_delivered_refused_or_not_known(int status, string body, CollectorOutcome outcome)
    {
        await TrustAsync();
        stripe.Answer = _ => (status, body);

        var answer = await Collector.RecordAsync(Usage, Cancel);

        Assert.Equal(outcome, answer.Outcome);
        Assert.Equal(outcome == CollectorOutcome.Refused, answer.Reason.Length > 0);
    }

    [Fact]
    public async Task When_Stripe_says_when_to_come_again_it_is_known()
    {
        await TrustAsync();
        (stripe.RetryAfter, stripe.Answer) = (TimeSpan.FromMinutes(7), _ => (429, """{"error":{"type":"invalid_request_error","message":"Too many."}}"""));

        Assert.Equal(CollectorAnswer.Unavailable with { RetryAfter = TimeSpan.FromMinutes(7) }, await Collector.RecordAsync(Usage, Cancel));
    }

    [Fact]
    public async Task What_never_arrives_may_be_there_or_not()
    {
        await TrustAsync();
        stripe.Answer = _ => (0, "");

        Assert.Equal(CollectorAnswer.Unavailable, await Collector.RecordAsync(Usage, Cancel));
        Assert.Null(await Collector.FindTotalAsync("acct_sample", Hour, Cancel));
    }

    [Theory]
    [InlineData(SubscriptionStatus.None)]
    [InlineData(SubscriptionStatus.Ended)]
    public async Task Without_a_live_subscription_it_waits_for_a_person_and_Stripe_is_not_asked(SubscriptionStatus status)
    {
        await TrustAsync(status);

        Assert.Equal(CollectorOutcome.Refused, (await Collector.RecordAsync(Usage, Cancel)).Outcome);
        Assert.Empty(stripe.Calls);
    }

    [Fact]
    public async Task The_total_of_an_hour_is_all_pages_of_that_hour_alone()
    {
        await TrustAsync();
        stripe.Answer = call => call switch
        {
            { What: "GET /v1/billing/meters" } => (200, List(false, new { id = "mtr_other", @object = "billing.meter", event_name = "other" }, new { id = "mtr_1", @object = "billing.meter", event_name = "serverlessimages_usage_micro_usd" })),
            _ when call.Fields.ContainsKey("starting_after") => (200, List(false, Summary("s_2", Hour, 2), Summary("s_3", new(Hour.Number + 1), 4_000))),
            _ => (200, List(true, Summary("s_1", Hour, 40))),
        };

        Assert.Equal(new Money(42), await Collector.FindTotalAsync("acct_sample", Hour, Cancel));
        var asked = stripe.Calls[^1];
        Assert.Equal(("GET /v1/billing/meters/mtr_1/event_summaries", "cus_1", "hour", "s_1"), (asked.What, asked.Fields["customer"], asked.Fields["value_grouping_window"], asked.Fields["starting_after"]));
    }

    [Fact]
    public async Task An_item_has_the_exact_amount_in_ten_thousandths_of_a_cent_and_beside_it()
    {
        await TrustAsync();
        stripe.Answer = call => (200, call.What.StartsWith("GET", StringComparison.Ordinal) ? List(false) : """{"id":"ii_1"}""");

        Assert.Equal(CollectorAnswer.Delivered, await Collector.InvoiceAsync(Usage with { Identifier = "acct_sample:2026112312:invoice" }, Cancel));

        var made = stripe.Calls[^1];
        Assert.Equal(("POST /v1/invoiceitems", "item-acct_sample:2026112312:invoice"), (made.What, made.Key));
        Assert.Equal(
            ("cus_1", "usd", "1", "4200.0001", "42000001", "acct_sample:2026112312:invoice", "Images, 2026-11-23 12:00 UTC"),
            (made.Fields["customer"], made.Fields["currency"], made.Fields["quantity"], made.Fields["unit_amount_decimal"], made.Fields["metadata[micro_usd]"], made.Fields["metadata[identifier]"], made.Fields["description"]));
    }

    [Fact]
    public async Task An_item_that_is_there_is_never_made_again_however_many_items_there_are()
    {
        await TrustAsync();
        stripe.Answer = call => (200, call.Fields.ContainsKey("starting_after") ? List(false, Item("ii_2", Usage.Identifier)) : List(true, Item("ii_1", "another")));

        Assert.Equal(CollectorAnswer.Delivered, await Collector.InvoiceAsync(Usage, Cancel));
        Assert.DoesNotContain(stripe.Calls, call => call.What.StartsWith("POST", StringComparison.Ordinal));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IUsageCollector Collector => stripe.Of<IUsageCollector>();

    private Task<PostpaidAccount> TrustAsync(SubscriptionStatus status = SubscriptionStatus.Active) =>
        stripe.Of<PostpaidAccounts>().ChangeAsync("acct_sample", _ => new PostpaidAccount { Approved = Money.Dollars(100), Customer = "cus_1", Subscription = "sub_1", Status = status }, Cancel);

    private static object Summary(string id, LedgerHour hour, long value) => new { id, @object = "billing.meter_event_summary", aggregated_value = value, start_time = hour.Start.ToUnixTimeSeconds(), end_time = hour.Start.AddHours(1).ToUnixTimeSeconds() };

    private static object Item(string id, string identifier) => new { id, @object = "invoiceitem", metadata = new { identifier } };

    private static string List(bool more, params object[] data) => JsonSerializer.Serialize(new { @object = "list", url = "/v1/x", has_more = more, data });
}
