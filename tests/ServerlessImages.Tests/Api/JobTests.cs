using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.Tests.Api;

/// <summary>Requests that are answered later, over real sockets, drawn by the emulator.</summary>
public sealed class JobTests : IAsyncLifetime
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
    public async Task A_call_that_prefers_to_be_answered_later_is_accepted_held_drawn_charged_and_told_of()
    {
        using var accepted = await SendAsync("a red fox [slow:300]");
        var job = await accepted.JsonAsync();
        var id = job.Text("id");

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal((new Uri(product.Local.BaseUrl, $"/v1/jobs/{id}").AbsoluteUri, "respond-async", id), (accepted.Headers.Location!.AbsoluteUri, accepted.Header("Preference-Applied"), accepted.Header("x-request-id")));
        Assert.Equal(("job", "queued", "0.000000", accepted.Header("x-quote-usd")), (job.Text("object"), job.Text("status"), job.Text("cost", "amount_usd"), job.Text("cost", "quote_usd")));

        var done = await customer.FinishedRequestAsync(id);
        using var image = await customer.Http.GetAsync(new Uri(done.GetProperty("images")[0].Text("content_url")), Cancel);
        var told = (await customer.Http.GetFromJsonAsync<JsonElement>("/v1/events?type=job.succeeded", Cancel)).GetProperty("data")[0];
        Assert.Equal(("succeeded", "image/png"), (done.Text("status"), image.Content.Headers.ContentType!.MediaType));
        Assert.Equal((id, "succeeded", done.Text("cost", "amount_usd")), (told.Text("data", "id"), told.Text("data", "status"), told.Text("data", "cost_usd")));
        Assert.Equal((new Money(5_000_000) - done.Money("cost", "amount_usd"), 0), ((await customer.BalanceAsync()).Available, (await customer.BalanceAsync()).Open));
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task The_same_key_is_the_same_job_and_one_charge()
    {
        using var first = await SendAsync("a red fox", "a-key");
        using var second = await SendAsync("a red fox", "a-key");
        var id = (await first.JsonAsync()).Text("id");
        await customer.FinishedRequestAsync(id);
        using var third = await SendAsync("a red fox", "a-key");
        using var other = await SendAsync("a blue fox", "a-key");

        Assert.Equal((HttpStatusCode.Accepted, id), (second.StatusCode, (await second.JsonAsync()).Text("id")));
        Assert.Equal((HttpStatusCode.Accepted, id, "succeeded"), (third.StatusCode, (await third.JsonAsync()).Text("id"), (await third.JsonAsync()).Text("status")));
        await other.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal(1, product.Local.Emulator.Calls);
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task An_edit_keeps_its_images_until_it_is_drawn()
    {
        using var form = new MultipartFormDataContent { { new StringContent("gpt-image-2"), "model" }, { new StringContent("with a hat"), "prompt" }, { new StringContent("low"), "quality" }, { new StringContent("1024x1024"), "size" } };
        form.Add(new ByteArrayContent(SampleImages.Png), "image", "fox.png");
        using var message = new HttpRequestMessage(HttpMethod.Post, "/openai/deployments/gpt-image-2/images/edits") { Content = form, Headers = { { "Prefer", "respond-async, wait=10" } } };
        using var accepted = await customer.Http.SendAsync(message, Cancel);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var done = await customer.FinishedRequestAsync((await accepted.JsonAsync()).Text("id"));

        Assert.Equal(("succeeded", "edit"), (done.Text("status"), done.Text("operation")));
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task What_the_filter_refuses_is_a_job_that_failed_and_costs_nothing()
    {
        using var accepted = await SendAsync("a fox [moderated]");
        var done = await customer.FinishedRequestAsync((await accepted.JsonAsync()).Text("id"));

        Assert.Equal(("failed", "moderation_blocked", "0.000000"), (done.Text("status"), done.Text("error", "code"), done.Text("cost", "amount_usd")));
        Assert.Equal(new Money(5_000_000), (await customer.BalanceAsync()).Available);
        Assert.Equal("job.failed", (await customer.Http.GetFromJsonAsync<JsonElement>("/v1/events", Cancel)).GetProperty("data")[0].Text("type"));
    }

    [Fact]
    public async Task A_job_that_waits_is_cancelled_for_nothing_and_one_that_runs_is_finished()
    {
        var narrow = await product.CustomerAsync(5_000_000, plan: "narrow");
        using var first = await SendAsync("a slow fox [slow:1500]", by: narrow);
        var running = (await first.JsonAsync()).Text("id");
        while ((await narrow.RequestAsync(running)).Text("status") != "running") await Task.Delay(20, Cancel);
        using var second = await SendAsync("another fox", by: narrow);
        var waiting = (await second.JsonAsync()).Text("id");

        var kept = await CancelAsync(narrow, running);
        var cancelled = await CancelAsync(narrow, waiting);
        var again = await CancelAsync(narrow, waiting);

        Assert.Equal(("running", "cancelled", "cancelled"), (kept.Text("status"), cancelled.Text("status"), again.Text("status")));
        Assert.Equal("succeeded", (await narrow.FinishedRequestAsync(running)).Text("status"));
        Assert.Equal((1, Money.Zero), (product.Local.Emulator.Calls, (await narrow.BalanceAsync()).Held));
        Assert.Equal("cancelled", (await narrow.RequestAsync(waiting)).Text("status"));
    }

    [Fact]
    public async Task Only_running_jobs_count_as_open_and_each_that_ends_calls_the_next()
    {
        var narrow = await product.CustomerAsync(5_000_000, plan: "narrow");
        var ids = new List<string>();
        for (var number = 0; number < 4; number++)
        {
            using var accepted = await SendAsync($"fox {number} [slow:100]", by: narrow);
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
            ids.Add((await accepted.JsonAsync()).Text("id"));
        }

        foreach (var id in ids) Assert.Equal("succeeded", (await narrow.FinishedRequestAsync(id)).Text("status"));
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_by_their_state_and_model_and_a_key_sees_its_own()
    {
        var ids = new List<string>();
        foreach (var prompt in (string[])["a fox", "a fox [moderated]", "a bear"])
        {
            using var accepted = await SendAsync(prompt);
            ids.Add((await accepted.JsonAsync()).Text("id"));
            await customer.FinishedRequestAsync(ids[^1]);
        }

        using var plain = await customer.GenerateAsync("not a job");
        Assert.Equal([ids[2], ids[1], ids[0]], await ListAsync("/v1/jobs"));
        Assert.Equal([ids[2], ids[0]], await ListAsync("/v1/jobs?status=succeeded&model=gpt-image-2"));
        Assert.Equal([ids[1]], await ListAsync($"/v1/jobs?limit=1&after={ids[2]}"));
        Assert.Empty(await ListAsync("/v1/jobs?status=queued"));
        Assert.Empty(await ListAsync("/v1/jobs?to=1000"));
        Assert.Equal(3, (await ListAsync("/v1/jobs?from=1000")).Count);
        using var wrong = await customer.Http.GetAsync(new Uri("/v1/jobs?status=lost", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task Its_progress_is_streamed_until_it_has_ended()
    {
        using var accepted = await SendAsync("a slow fox [slow:1500]");
        var id = (await accepted.JsonAsync()).Text("id");

        var stream = await customer.Http.GetStringAsync(new Uri($"/v1/jobs/{id}/events", UriKind.Relative), Cancel);

        var events = stream.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).ToArray();
        Assert.Equal("event: job.succeeded", events[^1]);
        Assert.Contains("event: job.running", events);
        Assert.Contains("\"content_url\"", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stream", true), InlineData("store", false)]
    public async Task What_a_job_could_not_keep_to_is_refused(string field, bool value)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(new Dictionary<string, object> { ["model"] = "gpt-image-2", ["prompt"] = "fox", [field] = value }), Headers = { { "Prefer", "respond-async" } } };
        using var response = await customer.Http.SendAsync(message, Cancel);

        Assert.Equal(field, (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_value")).Text("param"));
        Assert.Empty(await customer.RowsAsync("J"));
    }

    [Fact]
    public async Task Without_money_there_is_no_job_and_nothing_is_stored()
    {
        var poor = await product.CustomerAsync(micros: 1);
        using var refused = await SendAsync("a fox", by: poor);

        await refused.AssertErrorAsync(HttpStatusCode.PaymentRequired, "insufficient_balance");
        Assert.Empty(await poor.RowsAsync("O"));
        Assert.Empty(await poor.RowsAsync("J"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<HttpResponseMessage> SendAsync(string prompt, string? key = null, Customer? by = null)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(new { model = "gpt-image-2", prompt, size = "1024x1024", quality = "low" }), Headers = { { "Prefer", "respond-async" } } };
        if (key is not null) message.Headers.Add("Idempotency-Key", key);
        return await (by ?? customer).Http.SendAsync(message, Cancel);
    }

    private static async Task<JsonElement> CancelAsync(Customer by, string id)
    {
        using var response = await by.Http.DeleteAsync(new Uri($"/v1/jobs/{id}", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }

    private async Task<IReadOnlyList<string>> ListAsync(string path) =>
        [.. (await customer.Http.GetFromJsonAsync<JsonElement>(path, Cancel)).GetProperty("data").EnumerateArray().Select(job => job.Text("id"))];

    /// <summary>The order is deleted a moment after its job has ended.</summary>
    private async Task NothingIsLeftAsync()
    {
        while ((await customer.RowsAsync("O")).Count > 0) await Task.Delay(20, Cancel);
        Assert.Empty(await customer.RowsAsync("J"));
        Assert.Empty(await customer.RowsAsync("H"));
    }
}
