using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>A bad day at Stripe, on demand.</summary>
public sealed class StripeFaultTests : StripeTest
{
    private static readonly (string, string)[] Fox = [("name", "Fox Studio")];

    [Fact]
    public async Task A_failure_is_repeated_under_its_key_for_a_day_and_then_the_key_is_forgotten()
    {
        Stripe.FailNextPosts(1);
        using var failed = await SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox);
        using var again = await SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox);
        await Stripe.AdvanceAsync(Sample.Now.AddHours(24));
        using var later = await SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox);

        Assert.Equal([500, 500, 200], new[] { failed, again, later }.Select(each => (int)each.StatusCode));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(2, Stripe.All("customer").Count);
    }

    [Fact]
    public async Task A_key_with_other_fields_is_refused()
    {
        using var first = await SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox);
        using var other = await SendAsync(HttpMethod.Post, "/v1/customers", "key", ("name", "Another"));

        Assert.Equal((400, "idempotency_error"), ((int)other.StatusCode, (await JsonAsync(other))["error"]!["type"]!.GetValue<string>()));
        Assert.Single(Stripe.All("customer"));
    }

    [Theory]
    [InlineData("global-rate", null, 3)]
    [InlineData(null, true, null)]
    public async Task A_call_too_many_is_refused_before_anything_is_done_and_its_key_is_free(string? reason, bool? shouldRetry, int? retryAfter)
    {
        Stripe.FailNext(new(StripeFaultKind.RateLimited) { Reason = reason, ShouldRetry = shouldRetry, RetryAfter = retryAfter });
        using var limited = await SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox);
        Assert.Empty(Stripe.All("customer"));
        using var again = await SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox);

        Assert.Equal((429, 200), ((int)limited.StatusCode, (int)again.StatusCode));
        Assert.Equal((reason, shouldRetry == true ? "true" : null, retryAfter), (Header(limited, "Stripe-Rate-Limited-Reason"), Header(limited, "Stripe-Should-Retry"), (int?)limited.Headers.RetryAfter?.Delta?.TotalSeconds));
    }

    [Theory]
    [InlineData(StripeFaultKind.BreaksBefore, 0)]
    [InlineData(StripeFaultKind.BreaksAfter, 1)]
    public async Task A_connection_that_breaks_leaves_open_what_was_done_and_the_key_settles_it(StripeFaultKind kind, int customers)
    {
        Stripe.FailNext(new(kind));
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox));
        Assert.Equal(customers, Stripe.All("customer").Count);

        using var again = await SendAsync(HttpMethod.Post, "/v1/customers", "key", Fox);

        Assert.Equal(200, (int)again.StatusCode);
        Assert.Single(Stripe.All("customer"));
    }

    [Fact]
    public async Task Announcements_are_held_doubled_and_turned_around()
    {
        Stripe.HoldsWebhooks = true;
        await PostAsync("/v1/customers", Fox);
        await PostAsync("/v1/products", ("name", "Images"));
        await Stripe.AnnouncedAsync();
        Assert.Empty(Endpoint.Received);

        await Stripe.ReleaseWebhooksAsync(copies: 2, newestFirst: true);

        Assert.Equal(["product.created", "product.created", "customer.created", "customer.created"], Endpoint.Types);
    }

    [Fact]
    public async Task Events_can_be_announced_in_another_version()
    {
        Stripe.WebhookApiVersion = "2026-07-29.dahlia";
        await PostAsync("/v1/customers", Fox);
        await Stripe.AnnouncedAsync();

        var (body, text, signature) = Assert.Single(Endpoint.Received);
        Assert.Equal("2026-07-29.dahlia", body["api_version"]!.GetValue<string>());
        Assert.Equal(StripeEmulator.Signature(text, "whsec_emulator", Clock.GetUtcNow()), signature);
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
