using System.Globalization;
using System.Text.Json.Nodes;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>Meters and usage, with the limits that cost others money.</summary>
public sealed class StripeMeterTests : StripeTest
{
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(2);
    private string customer = "";
    private string meter = "";

    protected override StripeEmulatorOptions Options(StripeEmulatorOptions options) => options with { MeterLag = Lag };

    [Fact]
    public async Task The_same_identifier_is_refused_for_a_day_without_a_code_and_counts_again_after_it()
    {
        await BeginAsync();
        await UseAsync("a", "100");
        await Stripe.AdvanceAsync(Sample.Now.AddHours(24).AddSeconds(-1));
        using var again = await SendAsync(HttpMethod.Post, "/v1/billing/meter_events", null, Event("a", "999"));
        var error = (await JsonAsync(again))["error"]!.AsObject();
        await Stripe.AdvanceAsync(Sample.Now.AddHours(24));
        await UseAsync("a", "100");
        await Stripe.AdvanceAsync(Sample.Now.AddHours(25));

        Assert.Equal(400, (int)again.StatusCode);
        Assert.Equal("""{"type":"invalid_request_error","message":"An event already exists with identifier a."}""", error.ToJsonString());
        Assert.Equal("false", again.Headers.GetValues("stripe-should-retry").Single());
        Assert.Equal([200m], await SummariesAsync(""));
    }

    [Theory]
    [InlineData("value", "1.5", "meter_event_invalid_value")]
    [InlineData("value", "many", "meter_event_invalid_value")]
    [InlineData("value", "1234567890123456", "meter_event_value_too_many_digits")]
    [InlineData("seconds", "-3024001", "timestamp_too_far_in_past")]
    [InlineData("seconds", "301", "timestamp_in_future")]
    public async Task Usage_beyond_a_limit_is_refused_at_once(string what, string value, string code)
    {
        await BeginAsync();
        var (amount, seconds) = what == "value" ? (value, 0) : ("1", int.Parse(value, CultureInfo.InvariantCulture));
        var (status, error) = await RefusedAsync("/v1/billing/meter_events", Event("a", amount, seconds));

        Assert.Equal((400, code), (status, error["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Usage_at_the_limits_is_taken()
    {
        await BeginAsync();
        await UseAsync(new string('i', 100), "999999999999999", -3_024_000);
        await UseAsync("ahead", "-1", 300);

        Assert.Equal(2, Stripe.All("billing.meter_event").Count);
    }

    [Fact]
    public async Task Usage_of_nobody_is_taken_dropped_and_told_in_a_thin_event_only()
    {
        await BeginAsync();
        await PostAsync("/v1/billing/meter_events", [.. Event("lost", "7").Where(each => each.Name != "payload[stripe_customer_id]"), ("payload[stripe_customer_id]", "cus_nobody")]);
        Assert.Empty(ThinEndpoint.Received);

        await Stripe.AdvanceAsync(Sample.Now + Lag);

        var (body, text, signature) = Assert.Single(ThinEndpoint.Received);
        Assert.Equal(("v1.billing.meter.error_report_triggered", "v2.core.event", meter), (body["type"]!.GetValue<string>(), body["object"]!.GetValue<string>(), body["related_object"]!["id"]!.GetValue<string>()));
        Assert.Null(body["data"]);
        Assert.Equal(StripeEmulator.Signature(text, "whsec_thin_emulator", Clock.GetUtcNow()), signature);
        var kind = (await GetAsync($"/v2/core/events/{Id(body)}"))["data"]!["reason"]!["error_types"]![0]!;
        Assert.Equal("meter_event_customer_not_found", kind["code"]!.GetValue<string>());
        Assert.Equal("lost", kind["sample_errors"]![0]!["request"]!["identifier"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_meter_that_is_put_away_refuses_usage_and_drops_what_was_under_way()
    {
        await BeginAsync();
        await UseAsync("early", "7");
        await PostAsync($"/v1/billing/meters/{meter}/deactivate");
        var (status, error) = await RefusedAsync("/v1/billing/meter_events", Event("late", "7"));
        await Stripe.AdvanceAsync(Sample.Now + Lag);

        Assert.Equal((400, "archived_meter"), (status, error["code"]!.GetValue<string>()));
        Assert.Equal("v1.billing.meter.error_report_triggered", Assert.Single(ThinEndpoint.Types));
        Assert.Empty(await SummariesAsync(""));
    }

    [Fact]
    public async Task Usage_of_no_meter_is_told_too()
    {
        await PostAsync("/v1/billing/meter_events", ("event_name", "nothing"), ("payload[value]", "1"), ("payload[stripe_customer_id]", "cus_x"));
        await Stripe.AdvanceAsync(Sample.Now + Lag);

        Assert.Equal("v1.billing.meter.no_meter_found", Assert.Single(ThinEndpoint.Types));
    }

    [Fact]
    public async Task A_customer_has_one_event_in_flight_and_another_customer_does_not_wait()
    {
        await BeginAsync();
        var other = await CustomerAsync();
        Stripe.FailNext(new(StripeFaultKind.Hangs), path: "/v1/billing/meter_events");
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var impatient = new HttpClient { BaseAddress = Stripe.Endpoint, DefaultRequestHeaders = { { "Authorization", "Bearer sk_test_emulator" } } };
        using var form = new FormUrlEncodedContent(Event("hangs", "1").Select(each => KeyValuePair.Create(each.Name, each.Value)));
        var hanging = impatient.PostAsync(new Uri("/v1/billing/meter_events", UriKind.Relative), form, giveUp.Token);
        while (Stripe.All("billing.meter_event").Count == 0) await Task.Yield();

        using var second = await SendAsync(HttpMethod.Post, "/v1/billing/meter_events", null, Event("second", "1"));
        await PostAsync("/v1/billing/meter_events", [.. Event("other", "1").Where(each => each.Name != "payload[stripe_customer_id]"), ("payload[stripe_customer_id]", other)]);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        Assert.Equal((429, "resource-specific"), ((int)second.StatusCode, second.Headers.GetValues("Stripe-Rate-Limited-Reason").Single()));
        Assert.False(second.Headers.Contains("Stripe-Should-Retry"));
    }

    [Fact]
    public async Task Summaries_lag_keep_to_the_hour_and_come_by_tens()
    {
        await BeginAsync();
        for (var hour = 0; hour < 12; hour++) await UseAsync($"hour {hour}", "1", -3_600 * hour);
        Assert.Empty(await SummariesAsync(""));
        await Stripe.AdvanceAsync(Sample.Now + Lag);

        Assert.Equal(10, (await SummariesAsync("&value_grouping_window=hour")).Count);
        Assert.Equal(12, (await SummariesAsync("&value_grouping_window=hour&limit=100")).Count);
        Assert.Equal([12m], await SummariesAsync(""));
        using var askew = await SendAsync(HttpMethod.Get, $"/v1/billing/meters/{meter}/event_summaries?customer={customer}&start_time={Sample.Now.ToUnixTimeSeconds() + 60}&end_time={Sample.Now.AddHours(1).ToUnixTimeSeconds()}&value_grouping_window=hour", null);
        Assert.Equal(400, (int)askew.StatusCode);
    }

    [Fact]
    public async Task A_price_for_a_millionth_of_a_dollar_is_found_by_its_lookup_key()
    {
        await BeginAsync();
        var product = Id(await PostAsync("/v1/products", ("name", "Images")));
        var price = await PostAsync("/v1/prices", ("product", product), ("currency", "usd"), ("unit_amount_decimal", "0.0001"), ("lookup_key", "usage"), ("recurring[interval]", "month"), ("recurring[usage_type]", "metered"), ("recurring[meter]", meter));

        Assert.Equal((null, "0.0001"), (price["unit_amount"], price["unit_amount_decimal"]!.GetValue<string>()));
        Assert.Equal(Id(price), Id(Assert.Single(await ListAsync("/v1/prices?lookup_keys[0]=usage&active=true"))!.AsObject()));
        Assert.Equal(400, (await RefusedAsync("/v1/prices", ("product", product), ("currency", "usd"), ("unit_amount", "1"), ("lookup_key", "usage"))).Status);
    }

    private async Task BeginAsync()
    {
        customer = await CustomerAsync();
        meter = Id(await PostAsync("/v1/billing/meters", ("display_name", "Usage"), ("event_name", "usage"), ("default_aggregation[formula]", "sum")));
    }

    private Task<JsonObject> UseAsync(string identifier, string value, long seconds = 0) => PostAsync("/v1/billing/meter_events", Event(identifier, value, seconds));

    private (string Name, string Value)[] Event(string identifier, string value, long seconds = 0) =>
    [
        ("event_name", "usage"), ("identifier", identifier), ("payload[value]", value), ("payload[stripe_customer_id]", customer),
        ("timestamp", Fields(Clock.GetUtcNow().ToUnixTimeSeconds() + seconds)),
    ];

    private async Task<IReadOnlyList<decimal>> SummariesAsync(string more)
    {
        var (start, end) = (Sample.Now.AddDays(-2).ToUnixTimeSeconds(), Sample.Now.AddDays(3).ToUnixTimeSeconds());
        return [.. (await ListAsync($"/v1/billing/meters/{meter}/event_summaries?customer={customer}&start_time={start}&end_time={end}{more}")).Select(each => each!["aggregated_value"]!.GetValue<decimal>())];
    }
}
