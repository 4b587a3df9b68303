using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>What happens by itself happens at its moment, whenever somebody looks.</summary>
public sealed class StripeTimeTests : StripeTest
{
    [Fact]
    public async Task A_page_that_nobody_pays_expires_after_a_day_to_the_second()
    {
        var session = await TopUpAsync(await CustomerAsync());
        await Stripe.AdvanceAsync(Sample.Now.AddDays(3));

        var expired = Assert.Single(await ListAsync("/v1/events?types[0]=checkout.session.expired"))!.AsObject();
        Assert.Equal(Sample.Now.AddDays(1).ToUnixTimeSeconds(), expired["created"]!.GetValue<long>());
        Assert.Equal("expired", (await GetAsync($"/v1/checkout/sessions/{Id(session)}"))["status"]!.GetValue<string>());
        Assert.Equal(Sample.Now.AddDays(3), Clock.GetUtcNow());
        Assert.Contains("checkout.session.expired", Endpoint.Types);
    }

    [Fact]
    public async Task What_fell_due_while_nobody_asked_is_done_before_the_next_call()
    {
        var session = await TopUpAsync(await CustomerAsync());
        Clock.Advance(TimeSpan.FromHours(30));

        Assert.Equal("expired", (await GetAsync($"/v1/checkout/sessions/{Id(session)}"))["status"]!.GetValue<string>());
        var expired = Assert.Single(await ListAsync("/v1/events?types[0]=checkout.session.expired"))!.AsObject();
        Assert.Equal(Sample.Now.AddHours(24).ToUnixTimeSeconds(), expired["created"]!.GetValue<long>());
    }

    [Fact]
    public async Task An_announcement_that_is_not_taken_comes_again_for_three_days()
    {
        var session = await TopUpAsync(await CustomerAsync());
        await Stripe.AnnouncedAsync();
        Endpoint.Failures = int.MaxValue;
        using var paid = await PayAsync(session, StripeTestCard.Good);
        var first = Endpoint.Types.Count(type => type == "checkout.session.completed");
        await Stripe.AdvanceAsync(Sample.Now.AddMinutes(34));
        Assert.Equal((1, 2), (first, Endpoint.Types.Count(type => type == "checkout.session.completed")));

        await Stripe.AdvanceAsync(Sample.Now.AddDays(10));

        var all = Endpoint.Received.Where(each => each.Body["type"]!.GetValue<string>() == "checkout.session.completed").ToArray();
        Assert.Equal(10, all.Length);
        Assert.Single(all.Select(each => each.Body["id"]!.GetValue<string>()).Distinct());
        Assert.Equal(10, all.Select(each => each.Signature).Distinct().Count());
    }

    [Fact]
    public async Task An_announcement_that_is_taken_the_second_time_comes_no_more()
    {
        await CustomerAsync();
        await Stripe.AnnouncedAsync();
        Endpoint.Failures = 1;
        await CustomerAsync();
        await Stripe.AnnouncedAsync();

        await Stripe.AdvanceAsync(Sample.Now.AddDays(10));

        Assert.Equal(3, Endpoint.Types.Count(type => type == "customer.created"));
    }
}
