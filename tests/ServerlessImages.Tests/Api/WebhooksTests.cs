using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Tests.Webhooks;

namespace ServerlessImages.Tests.Api;

/// <summary>The whole way: a request is charged, and its customer's own server hears of it.</summary>
public sealed class WebhooksTests : IAsyncLifetime
{
    private const string Endpoints = "/v1/webhook-endpoints";
    private static readonly string[] All = ["*"];
    private Product product = null!;
    private Customer customer = null!;
    private Receiver receiver = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
        receiver = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_request_is_told_of_with_its_cost_and_can_be_looked_up()
    {
        var endpoint = await AddAsync("request.succeeded", "request.failed");
        using var drawn = await customer.GenerateAsync("a red fox");
        var request = (await drawn.JsonAsync()).Text("id");
        using var failed = await customer.GenerateAsync("a fox [moderated]");

        var (told, other) = (await receiver.NextAsync(), await receiver.NextAsync());
        if (told.Body.GetProperty("type").GetString() != "request.succeeded") (told, other) = (other, told);

        Assert.Equal(("request.succeeded", request, drawn.Header("x-cost-usd")), (told.Body.Text("type"), told.Body.Text("data", "request_id"), told.Body.Text("data", "cost", "amount_usd")));
        Assert.Equal(("request.failed", "0.000000"), (other.Body.Text("type"), other.Body.Text("data", "cost", "amount_usd")));
        using var found = await customer.Http.GetAsync(new Uri(told.Body.Text("data", "request_path"), UriKind.Relative), TestContext.Current.CancellationToken);
        using var receipt = await customer.Http.GetAsync(new Uri(told.Body.Text("data", "receipt_path"), UriKind.Relative), TestContext.Current.CancellationToken);
        using var listed = await customer.Http.GetAsync(new Uri($"/v1/events/{told.Id}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], new[] { found.StatusCode, receipt.StatusCode, listed.StatusCode });
        var delivery = (await DeliveriesAsync(endpoint.Text("id")))[0];
        Assert.Equal(("succeeded", 1, 200), (delivery.Text("status"), delivery.GetProperty("attempts").GetInt32(), delivery.GetProperty("response_status").GetInt32()));
    }

    [Fact]
    public async Task A_test_is_sent_to_its_endpoint_alone_and_can_be_replayed()
    {
        var endpoint = await AddAsync("books.closed");
        await AddAsync();
        using var tested = await PostAsync($"{Endpoints}/{endpoint.Text("id")}/test");
        var told = await receiver.NextAsync();
        await DeliveriesAsync(endpoint.Text("id"));
        using var replayed = await PostAsync($"{Endpoints}/{endpoint.Text("id")}/deliveries/{told.Id}/replay");
        var again = await receiver.NextAsync();

        Assert.Equal(HttpStatusCode.Accepted, tested.StatusCode);
        Assert.Equal((await tested.JsonAsync()).Text("event_id"), told.Id);
        Assert.Equal(("webhook_endpoint.test", endpoint.Text("id")), (told.Body.Text("type"), told.Body.Text("data", "webhook_endpoint_id")));
        Assert.Equal((HttpStatusCode.Accepted, told.Id, told.Text), (replayed.StatusCode, again.Id, again.Text));
        Assert.Equal(2, receiver.Count);
    }

    [Fact]
    public async Task An_endpoint_reads_as_it_was_set_and_shows_its_secret_when_it_is_made_and_rotated_only()
    {
        var added = await AddAsync("request.succeeded");
        var at = new Uri($"{Endpoints}/{added.Text("id")}", UriKind.Relative);
        using var changed = await customer.Http.PatchAsJsonAsync(at, new { events = All, description = "all of it", status = "disabled" }, TestContext.Current.CancellationToken);
        using var rotated = await PostAsync(at + "/rotate-secret");
        using var found = await customer.Http.GetAsync(at, TestContext.Current.CancellationToken);

        var (json, secret) = (await found.JsonAsync(), (await rotated.JsonAsync()).Text("secret"));
        Assert.Equal(("disabled", "by_request", "all of it", "*"), (json.Text("status"), json.Text("disabled_reason"), json.Text("description"), json.GetProperty("events")[0].GetString()));
        Assert.Equal((await changed.JsonAsync()).Text("id"), json.Text("id"));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("secret").ValueKind);
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.NotEqual(added.Text("secret"), secret);
        using var test = await PostAsync(at + "/test");
        await test.AssertErrorAsync(HttpStatusCode.Conflict, "webhook_endpoint_disabled");
    }

    [Fact]
    public async Task What_is_deleted_is_told_of_nothing_and_is_not_there()
    {
        var added = await AddAsync();
        var at = new Uri($"{Endpoints}/{added.Text("id")}", UriKind.Relative);
        using var deleted = await customer.Http.DeleteAsync(at, TestContext.Current.CancellationToken);
        using var again = await customer.Http.DeleteAsync(at, TestContext.Current.CancellationToken);
        using var drawn = await customer.GenerateAsync("a red fox");

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await again.AssertErrorAsync(HttpStatusCode.NotFound, "webhook_endpoint_not_found");
        Assert.Empty(await customer.RowsAsync("E"));
        Assert.Equal(0, receiver.Count);
    }

    [Fact]
    public async Task What_is_no_endpoint_is_refused()
    {
        (string Body, string Code)[] refusals =
        [
            ("""{"url":"http://example.com/"}""", "invalid_value"),
            ("""{"url":"https://example.com:8443/"}""", "invalid_value"),
            ("""{"url":"https://me:secret@example.com/"}""", "invalid_value"),
            ("""{"url":"https://example.com/#part"}""", "invalid_value"),
            ("""{"url":"example.com"}""", "invalid_value"),
            ("""{"url":"https://example.com/","events":[]}""", "invalid_value"),
            ("""{"url":"https://example.com/","events":["webhook_endpoint.test"]}""", "invalid_value"),
            ("""{"url":"https://example.com/","events":["*","key.created"]}""", "invalid_value"),
            ("""{"url":"https://example.com/","status":"sleepy"}""", "invalid_value"),
            ("""{"url":"https://example.com/","secret":"mine"}""", "unknown_parameter"),
            ("{}", "missing_required_parameter"),
        ];
        await product.RestartAsync(("Webhooks:AllowPrivateNetworks", "false"));
        foreach (var (body, code) in refusals)
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var refused = await customer.Http.PostAsync(new Uri(Endpoints, UriKind.Relative), content, TestContext.Current.CancellationToken);
            await refused.AssertErrorAsync(HttpStatusCode.BadRequest, code);
        }
    }

    private async Task<JsonElement> AddAsync(params string[] events)
    {
        object body = events.Length == 0 ? new { url = receiver.Url } : new { url = receiver.Url, events };
        using var added = await customer.Http.PostAsJsonAsync(Endpoints, body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        return await added.JsonAsync();
    }

    private Task<HttpResponseMessage> PostAsync(string path) => customer.Http.PostAsJsonAsync(path, new { }, TestContext.Current.CancellationToken);

    /// <summary>Once none is on its way: it is logged a moment after it came.</summary>
    private async Task<JsonElement[]> DeliveriesAsync(string endpoint)
    {
        while (true)
        {
            var page = await customer.Http.GetFromJsonAsync<JsonElement>($"{Endpoints}/{endpoint}/deliveries", TestContext.Current.CancellationToken);
            var all = page.GetProperty("data").EnumerateArray().ToArray();
            if (all.All(each => each.Text("status") != "pending")) return all;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
