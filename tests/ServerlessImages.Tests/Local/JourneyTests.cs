using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Local;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Local;

/// <summary>What the local run does at its start, and says of it.</summary>
public sealed class JourneyTests
{
    [Fact]
    public async Task Each_run_buys_credit_pays_an_image_and_has_another_reported_and_all_of_it_adds_up()
    {
        // In the last minutes of a month no subscription begins, so this month is another.
        var clock = new AheadClock { Ahead = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero) - TimeProvider.System.GetUtcNow() };
        await using var product = await Product.StartAsync(options => options.With(services => services.AddSingleton<TimeProvider>(clock)) with { Stripe = stripe => stripe with { Time = clock } });
        var first = await new Journey(product.Local).RunAsync(TestContext.Current.CancellationToken);
        var second = await new Journey(product.Local).RunAsync(TestContext.Current.CancellationToken);

        Assert.All([first, second], journey => Assert.True(journey.AddsUp, journey.ToJson()));
        Assert.Equal([(Money.Dollars(5), first.Postpaid!.Charge), (Money.Dollars(5), second.Postpaid!.Charge)], [(first.TopUp, first.Postpaid.Reported), (second.TopUp, second.Postpaid.Reported)]);
        var reports = product.Local.Stripe.All("billing.meter_event").ToDictionary(each => each["identifier"]!.GetValue<string>(), each => each["payload"]!["value"]!.GetValue<string>());
        Assert.Equal(2, reports.Count);
        using var json = JsonDocument.Parse(second.ToJson());
        Assert.Equal((second.CheckoutId, "5.000000"), (json.RootElement.Text("checkout_session_id"), json.RootElement.Text("top_up_usd")));
        Assert.Equal(second.Postpaid.Charge.Micros.ToString(System.Globalization.CultureInfo.InvariantCulture), reports[json.RootElement.Text("meter_event_id")]);
    }

    [Fact]
    public async Task In_the_last_minutes_of_a_month_no_subscription_begins_and_the_rest_adds_up()
    {
        var clock = new AheadClock { Ahead = new DateTimeOffset(2026, 11, 30, 23, 40, 0, TimeSpan.Zero) - TimeProvider.System.GetUtcNow() };
        await using var product = await Product.StartAsync(options => options.With(services => services.AddSingleton<TimeProvider>(clock)) with { Stripe = stripe => stripe with { Time = clock } });

        var journey = await new Journey(product.Local).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal((null, true), (journey.Postpaid, journey.AddsUp));
    }
}
