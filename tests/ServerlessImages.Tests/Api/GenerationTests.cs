using System.Globalization;
using System.Net;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Api;

/// <summary>A plain call through HTTP: what it brings, what it costs, and what it costs when it brings nothing.</summary>
public sealed class GenerationTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task An_image_comes_with_its_usage_its_cost_and_its_id()
    {
        using var response = await customer.GenerateAsync("a red fox");
        var json = await response.JsonAsync();
        var image = json.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64();
        var balance = await customer.BalanceAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(ImageHeader.TryRead(image, out var header));
        Assert.Equal(new ImageHeader(ImageFormat.Png, new(1024, 1024)), header);
        Assert.Equal(("low", "1024x1024", "png"), (json.Text("quality"), json.Text("size"), json.Text("output_format")));

        var text = json.GetProperty("usage").GetProperty("input_tokens").GetInt64();
        Assert.Equal(196, json.GetProperty("usage").GetProperty("output_tokens").GetInt64());
        Assert.Equal(new Money((5 * text) + 5_880), json.Money("cost", "amount_usd"));
        Assert.Equal(new Money((5 * (16 + 9)) + 5_880), json.Money("cost", "quote_usd"));
        Assert.Equal("gpt-image-2@2026-04-21", json.Text("cost", "price_version"));

        Assert.Equal(json.Text("id"), response.Header("x-request-id"));
        Assert.Equal(json.Text("cost", "amount_usd"), response.Header("x-cost-usd"));
        Assert.Equal("60000", response.Header("x-ratelimit-limit-requests"));
        Assert.Equal("999", response.Header("x-ratelimit-remaining-requests"));
        Assert.NotEmpty(response.Header("x-overhead-ms"));
        Assert.Equal((new Money(5_000_000) - json.Money("cost", "amount_usd"), Money.Zero), (balance.Available, balance.Held));
    }

    [Fact]
    public async Task The_kept_image_and_the_request_tell_the_same_story()
    {
        using var response = await customer.GenerateAsync("a red fox");
        var json = await response.JsonAsync();
        var request = await customer.RequestAsync(json.Text("id"));
        var kept = await customer.Http.GetByteArrayAsync(new Uri(request.GetProperty("images")[0].Text("content_url")), TestContext.Current.CancellationToken);

        Assert.Equal(("succeeded", "gpt-image-2", "1024x1024"), (request.Text("status"), request.Text("model"), request.Text("size")));
        Assert.Equal(json.GetProperty("cost").GetRawText(), request.GetProperty("cost").GetRawText());
        Assert.Equal(json.GetProperty("usage").GetRawText(), request.GetProperty("usage").GetRawText());
        Assert.Equal(json.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64(), kept);
        Assert.Equal(StoredImage.Of(kept).Sha256, request.GetProperty("images")[0].Text("sha256"));
    }

    [Theory]
    [InlineData("four foxes [missing:1]")]
    [InlineData("four foxes [corrupt:1]")]
    [InlineData("four foxes [badbase64:1]")]
    public async Task Three_of_four_images_cost_three(string prompt)
    {
        using var response = await customer.GenerateAsync(prompt, n: 4);
        var json = await response.JsonAsync();
        var text = json.GetProperty("usage").GetProperty("input_tokens").GetInt64();

        Assert.Equal(3, json.GetProperty("data").GetArrayLength());
        Assert.Equal((3, 4), (json.GetProperty("cost").GetProperty("images").GetInt32(), json.GetProperty("cost").GetProperty("images_requested").GetInt32()));
        Assert.Equal(("3", "4"), (response.Header("x-images-delivered"), response.Header("x-images-requested")));
        // 3 of 4 images of 195.1 tokens each: 781 · ¾ tokens, or 586 where the upstream itself counted three.
        Assert.InRange(json.Money("cost", "amount_usd").Micros, (5 * text) + 17_572, (5 * text) + 17_580);
        Assert.Equal(new Money(5_000_000) - json.Money("cost", "amount_usd"), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task Images_that_take_long_are_drawn_one_by_one_and_cost_their_input_once()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "three foxes", n = 3, size = "1024x1024", quality = "high" });
        var json = await response.JsonAsync();
        var text = json.GetProperty("usage").GetProperty("input_tokens").GetInt64();
        var entry = LedgerEntry.From(Assert.Single(await customer.RowsAsync("L")));

        Assert.Equal(3, json.GetProperty("data").GetArrayLength());
        Assert.Equal(3, product.Local.Emulator.Calls);
        Assert.All(product.Local.Emulator.Received, call => Assert.True(call.Fields["stream"].GetBoolean()));
        // 3 images of 7,024 tokens; and for us the text three times and three forced partial images of 100 tokens.
        Assert.Equal(new Money((5 * text) + (30 * 3 * 7_024)), json.Money("cost", "amount_usd"));
        Assert.Equal(new Money((5 * text * 3) + (30 * 3 * 7_124)), entry.Request!.UpstreamCost);
    }

    [Fact]
    public async Task A_caller_without_money_gets_402_and_what_is_missing()
    {
        var poor = await product.CustomerAsync(micros: 6_000);

        using var response = await poor.GenerateAsync("a red fox");
        var error = await response.AssertErrorAsync(HttpStatusCode.PaymentRequired, "insufficient_balance");

        Assert.Equal("insufficient_quota", error.Text("type"));
        Assert.Equal(("0.006005", "0.006000", "0.000005"), (error.Text("details", "quote_usd"), error.Text("details", "available_usd"), error.Text("details", "missing_usd")));
        Assert.Equal("false", response.Header("x-should-retry"));
        Assert.Equal(0, product.Local.Emulator.Calls);
        Assert.Equal(("60000", "1000"), (response.Header("x-ratelimit-limit-requests"), response.Header("x-ratelimit-remaining-requests")));
    }

    [Theory]
    [InlineData("[500]", HttpStatusCode.BadGateway, "upstream_failed")]
    [InlineData("[503]", HttpStatusCode.BadGateway, "upstream_failed")]
    [InlineData("[408]", HttpStatusCode.BadGateway, "upstream_timed_out")]
    [InlineData("[429]", HttpStatusCode.ServiceUnavailable, "no_deployment_available")]
    [InlineData("[blocked]", HttpStatusCode.ServiceUnavailable, "no_deployment_available")]
    [InlineData("[reset]", HttpStatusCode.BadGateway, "upstream_failed")]
    [InlineData("[400]", HttpStatusCode.BadGateway, "upstream_rejected")]
    [InlineData("[truncated]", HttpStatusCode.BadGateway, "no_usable_image")]
    [InlineData("[corrupt:1]", HttpStatusCode.BadGateway, "no_usable_image")]
    [InlineData("[moderated]", HttpStatusCode.BadRequest, "moderation_blocked")]
    [InlineData("[error-in-200]", HttpStatusCode.BadRequest, "moderation_blocked")]
    public async Task What_brings_no_image_costs_nothing_and_names_its_cause(string prompt, HttpStatusCode status, string code)
    {
        using var response = await customer.GenerateAsync("a red fox " + prompt);

        await response.AssertErrorAsync(status, code);
        var balance = await customer.BalanceAsync();
        var entry = LedgerEntry.From(Assert.Single(await customer.RowsAsync("L")));
        Assert.Equal((new Money(5_000_000), Money.Zero, 0), (balance.Available, balance.Held, balance.Open));
        Assert.Equal((EntryType.Void, code, response.Header("x-request-id")), (entry.Type, entry.Request!.ErrorCode, entry.Id));
        Assert.Equal(1, product.Local.Emulator.Calls);
        Assert.Equal("failed", (await customer.RequestAsync(entry.Id)).Text("status"));
    }

    [Fact]
    public async Task A_moderated_prompt_says_what_for_and_that_it_was_not_charged()
    {
        using var response = await customer.GenerateAsync("a fight [moderated]");
        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "moderation_blocked");

        Assert.Equal(("image_generation_user_error", "input", "violence"), (error.Text("type"), error.Text("moderation_details", "moderation_stage"), error.GetProperty("moderation_details").GetProperty("categories")[0].GetString()));
        Assert.Contains("not charged", error.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_upstreams_own_wait_is_passed_on()
    {
        using var response = await customer.GenerateAsync("a red fox [429]");

        Assert.Equal(("7", "true"), (response.Header("Retry-After"), response.Header("x-should-retry")));
    }

    [Fact]
    public async Task Absurd_usage_never_costs_more_than_the_quote()
    {
        using var response = await customer.GenerateAsync("a red fox [huge-usage]");
        var json = await response.JsonAsync();

        Assert.Equal(json.Text("cost", "quote_usd"), json.Text("cost", "amount_usd"));
    }

    [Fact]
    public async Task What_the_upstream_drew_for_nothing_is_kept_as_our_cost()
    {
        using var response = await customer.GenerateAsync("a red fox [corrupt:1]");

        var entry = LedgerEntry.From(Assert.Single(await customer.RowsAsync("L")));
        Assert.InRange(entry.Request!.UpstreamCost.Micros, 5_880, 6_005);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_pays_once_for_an_image_that_is_kept()
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var call = customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a patient fox [slow:300]", size = "1024x1024", quality = "low" }, hangUp.Token);
        while (product.Local.Emulator.Calls == 0) await Task.Delay(5, TestContext.Current.CancellationToken);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        var id = Hold.From(Assert.Single(await customer.RowsAsync("H"))).Id;
        var request = await customer.FinishedRequestAsync(id);
        var image = await customer.Http.GetByteArrayAsync(new Uri($"/v1/requests/{id}/content", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("succeeded", request.Text("status"));
        Assert.True(ImageHeader.TryRead(image, out _));
        Assert.Single(await customer.RowsAsync("L"));
        Assert.Equal(new Money(5_000_000) - request.Money("cost", "amount_usd"), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task The_end_user_goes_upstream_as_a_hash_only()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low", user = "alice@example.com" });

        var identifier = product.Local.Emulator.Received.Single().Fields["safety_identifier"].GetString();
        Assert.Matches("^[0-9a-f]{64}$", identifier);
    }

    [Fact]
    public async Task Ten_images_come_from_one_call()
    {
        using var response = await customer.GenerateAsync("ten foxes", n: 10);
        var json = await response.JsonAsync();

        Assert.Equal(10, json.GetProperty("data").GetArrayLength());
        Assert.Equal(1, product.Local.Emulator.Calls);
        var request = await customer.RequestAsync(json.Text("id"));
        for (var index = 0; index < 10; index++)
        {
            var kept = await customer.Http.GetByteArrayAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/v1/requests/{json.Text("id")}/content?index={index}"), UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(StoredImage.Of(kept).Sha256, request.GetProperty("images")[index].Text("sha256"));
        }
    }
}
