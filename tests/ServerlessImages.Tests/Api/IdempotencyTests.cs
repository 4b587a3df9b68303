using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Api;

/// <summary>The same key and request give the same answer and one charge, whatever happens in between.</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(null, ("Generation:RepeatWait", "00:00:20"));
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_repeat_gets_the_stored_answer_and_no_second_charge()
    {
        using var first = await SendAsync("key-1", "a red fox");
        using var second = await SendAsync("key-1", "a red fox");
        using var otherHeader = await SendAsync("key-1", "a red fox", header: "x-idempotency-key");

        var answer = await first.JsonAsync();
        Assert.Equal(answer.GetRawText(), (await second.JsonAsync()).GetRawText());
        Assert.Equal(answer.GetRawText(), (await otherHeader.JsonAsync()).GetRawText());
        Assert.Equal((1, first.Header("x-request-id")), (product.Local.Emulator.Calls, second.Header("x-request-id")));
        Assert.Equal(new Money(5_000_000) - answer.Money("cost", "amount_usd"), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task Equal_means_the_same_picture_and_not_the_same_bytes()
    {
        using var first = await SendAsync("key-1", "a red fox");
        using var reordered = await SendJsonAsync("key-1", """{ "quality":"low","n":1, "size" : "1024x1024","prompt":"a red \u0066ox","model":"gpt-image-2","tags":{"a":"b"} }""");
        using var streamed = await SendJsonAsync("key-1", """{"model":"gpt-image-2","prompt":"a red fox","size":"1024x1024","quality":"low","stream":true}""");

        Assert.Equal((await first.JsonAsync()).Text("id"), (await reordered.JsonAsync()).Text("id"));
        Assert.Contains("event: image_generation.completed", await streamed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(1, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task Another_request_under_the_key_is_refused()
    {
        using var first = await SendAsync("key-1", "a red fox");
        using var other = await SendAsync("key-1", "a blue fox");

        await other.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal(1, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task Sixty_four_at_once_are_one_image_and_one_charge()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => SendAsync("key-1", "a red fox [slow:300]")));

        var bodies = new HashSet<string>();
        foreach (var response in responses)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            bodies.Add(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            response.Dispose();
        }

        Assert.Single(bodies);
        Assert.Equal((1, 1), (product.Local.Emulator.Calls, product.Local.Emulator.ImagesDrawn));
        Assert.Single(await customer.RowsAsync("L"));
        Assert.Equal(0, (await customer.BalanceAsync()).Open);
    }

    [Theory]
    [InlineData("[500]", HttpStatusCode.BadGateway)]
    [InlineData("[moderated]", HttpStatusCode.BadRequest)]
    public async Task A_failure_frees_the_key(string steer, HttpStatusCode status)
    {
        using var failed = await SendAsync("key-1", "a red fox " + steer);
        using var again = await SendAsync("key-1", "a red fox " + steer);
        using var other = await SendAsync("key-1", "a blue fox");

        Assert.Equal((status, status, HttpStatusCode.OK), (failed.StatusCode, again.StatusCode, other.StatusCode));
        Assert.Equal(3, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task A_refusal_for_lack_of_money_frees_the_key_and_a_stored_answer_needs_none()
    {
        var poor = await product.CustomerAsync(micros: 6_000);
        using var refused = await SendAsync("key-1", "a red fox", poor);
        await product.Ledger.GrantAsync(poor.Partition, "more", new(100));
        using var paid = await SendAsync("key-1", "a red fox", poor);
        using var replayed = await SendAsync("key-1", "a red fox", poor);

        Assert.Equal((HttpStatusCode.PaymentRequired, HttpStatusCode.OK, HttpStatusCode.OK), (refused.StatusCode, paid.StatusCode, replayed.StatusCode));
        Assert.Equal(paid.Header("x-request-id"), replayed.Header("x-request-id"));
        Assert.True((await poor.BalanceAsync()).Available < new Money(5_000));
    }

    [Fact]
    public async Task A_stored_answer_needs_no_price()
    {
        using var first = await SendAsync("key-1", "a red fox");
        const string Unpriceable = """{"model":"gpt-image-2","prompt":"a red fox","size":"1024x1024","quality":"low","max_price_usd":"0.000001"}""";
        using var replayed = await SendJsonAsync("key-1", Unpriceable);
        using var refused = await SendJsonAsync("key-2", Unpriceable);

        Assert.Equal(first.Header("x-request-id"), replayed.Header("x-request-id"));
        await refused.AssertErrorAsync(HttpStatusCode.PaymentRequired, "price_above_maximum");
    }

    [Fact]
    public async Task Accounts_do_not_share_keys()
    {
        var other = await product.CustomerAsync();
        using var first = await SendAsync("key-1", "a red fox");
        using var second = await SendAsync("key-1", "a red fox", other);

        Assert.NotEqual(first.Header("x-request-id"), second.Header("x-request-id"));
        Assert.Equal(2, product.Local.Emulator.Calls);
    }

    [Theory]
    [InlineData("with space", 1)]
    [InlineData("a", 256)]
    public async Task A_key_that_is_no_key_is_refused(string text, int times)
    {
        using var response = await SendAsync(string.Concat(Enumerable.Repeat(text, times)), "a red fox");

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_idempotency_key");
    }

    [Fact]
    public async Task A_caller_who_comes_back_while_it_runs_gets_its_answer()
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var first = SendAsync("key-1", "a slow fox [slow:800]", cancel: hangUp.Token);
        while (product.Local.Emulator.Calls == 0) await Task.Delay(5, TestContext.Current.CancellationToken);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        using var again = await SendAsync("key-1", "a slow fox [slow:800]");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(1, product.Local.Emulator.Calls);
        Assert.Single(await customer.RowsAsync("L"));
    }

    [Fact]
    public async Task A_repeat_that_waits_too_long_is_told_to_come_back()
    {
        await using var impatient = await Product.StartAsync(null, ("Generation:RepeatWait", "00:00:01"));
        var caller = await impatient.CustomerAsync();
        var first = SendAsync("key-1", "a slow fox [slow:3000]", caller);
        while (impatient.Local.Emulator.Calls == 0) await Task.Delay(5, TestContext.Current.CancellationToken);

        using var repeat = await SendAsync("key-1", "a slow fox [slow:3000]", caller);
        await repeat.AssertErrorAsync(HttpStatusCode.Conflict, "idempotency_in_progress");
        Assert.Equal("5", repeat.Header("Retry-After"));
        using var done = await first;
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
    }

    [Fact]
    public async Task After_a_crash_before_the_result_was_stored_the_key_is_taken_over()
    {
        var hold = await HoldAsDeadProcessAsync("a red fox");

        using var response = await SendAsync("key-1", "a red fox");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual(hold.Hold.Id, response.Header("x-request-id"));
        Assert.Equal([EntryType.Expire, EntryType.Settle], (await customer.RowsAsync("L")).Select(LedgerEntry.From).OrderBy(entry => entry.Sequence).Select(entry => entry.Type));
        Assert.Equal((Money.Zero, 0), ((await customer.BalanceAsync()).Held, (await customer.BalanceAsync()).Open));
    }

    [Fact]
    public async Task After_a_crash_behind_the_stored_result_it_is_charged_once_and_replayed()
    {
        var hold = await HoldAsDeadProcessAsync("a red fox");
        var image = (await (await customer.GenerateAsync("another fox")).JsonAsync()).GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64();
        var result = new ImageResult(Sample.Now, new(1024, 1024), ImageQuality.Low, ImageBackground.Opaque, ImageFormat.Png, new(8, 0, 196), new(5_920), new(hold.Hold.Quote, "gpt-image-2@2026-04-21"), new(5_920), "local", [StoredImage.Of(image)]);
        await product.Local.Services.GetRequiredService<ImageResults>().StoreAsync(customer.Partition, hold.Hold.Id, result, [image], TestContext.Current.CancellationToken);

        using var response = await SendAsync("key-1", "a red fox");
        using var again = await SendAsync("key-1", "a red fox");

        Assert.Equal((hold.Hold.Id, hold.Hold.Id), (response.Header("x-request-id"), again.Header("x-request-id")));
        Assert.Equal(new Money(5_920), (await response.JsonAsync()).Money("cost", "amount_usd"));
        Assert.Equal(1, product.Local.Emulator.Calls);
    }

    /// <summary>What a process leaves behind that was killed after it had held the money, long ago.</summary>
    private async Task<OpenHold> HoldAsDeadProcessAsync(string prompt)
    {
        var request = Sample.Request(prompt);
        var summary = Sample.Summary(ApiKeyText.Parse(customer.Key)!.KeyId) with { Fingerprint = RequestFingerprint.Of(request) };
        var claim = new IdempotencyClaim(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("key-1"u8)));
        var held = await product.Ledger.HoldAsync(customer.Partition, new HoldRequest(product.Ledger.NextRequestId(), new(6_005), Sample.Plan(), TimeSpan.FromMilliseconds(1), summary, claim));
        return held.Value().Hold!;
    }

    private Task<HttpResponseMessage> SendAsync(string key, string prompt, Customer? caller = null, string header = "Idempotency-Key", CancellationToken? cancel = null) =>
        SendJsonAsync(key, JsonSerializer.Serialize(new { model = "gpt-image-2", prompt, size = "1024x1024", quality = "low" }), caller, header, cancel);

    private async Task<HttpResponseMessage> SendJsonAsync(string key, string json, Customer? caller = null, string header = "Idempotency-Key", CancellationToken? cancel = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(header, key);
        return await (caller ?? customer).Http.SendAsync(request, cancel ?? TestContext.Current.CancellationToken);
    }
}
