using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.Tests.Api;

public sealed class StreamTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(settings: ("Http:HeartbeatInterval", "00:00:01"));
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task Partial_images_come_first_and_the_last_event_has_the_image_and_its_cost()
    {
        using var response = await StreamAsync("a red fox", partialImages: 2);
        var events = await EventsAsync(response);
        var completed = events[^1].Json;

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"], events.Select(each => each.Type));
        Assert.Equal([0, 1], events.SkipLast(1).Select(each => each.Json.GetProperty("partial_image_index").GetInt32()));
        Assert.All(events, each => Assert.True(ImageHeader.TryRead(each.Json.GetProperty("b64_json").GetBytesFromBase64(), out _)));
        Assert.Equal(response.Header("x-request-id"), completed.Text("id"));
        Assert.Equal(response.Header("x-quote-usd"), completed.Text("cost", "quote_usd"));

        // 196 for the image, 100 for each partial that was asked for.
        Assert.Equal(396, completed.GetProperty("usage").GetProperty("output_tokens").GetInt64());
        Assert.Equal(new Money(5_000_000) - completed.Money("cost", "amount_usd"), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task Without_partial_images_the_final_event_comes_alone()
    {
        using var response = await StreamAsync("a red fox", partialImages: 0);

        Assert.Equal(["image_generation.completed"], (await EventsAsync(response)).Select(each => each.Type));
    }

    [Fact]
    public async Task What_fails_before_the_first_event_has_its_own_status()
    {
        using var response = await StreamAsync("a fight [moderated]", partialImages: 2);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "moderation_blocked");
        Assert.Equal(new Money(5_000_000), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task What_fails_after_the_first_event_is_an_event_and_costs_nothing()
    {
        using var response = await StreamAsync("a fight [moderated-output]", partialImages: 2);
        var events = await EventsAsync(response);

        Assert.Equal("error", events[^1].Type);
        Assert.Equal("moderation_blocked", events[^1].Json.Text("error", "code"));
        Assert.Equal(new Money(5_000_000), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_silent_stream_carries_comment_lines()
    {
        using var response = await StreamAsync("a slow fox [slow:1500]", partialImages: 0);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith(": still drawing\n\n", body, StringComparison.Ordinal);
        Assert.Contains("event: image_generation.completed\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_mid_way_finds_the_image_and_one_charge()
    {
        string id;
        using (var response = await StreamAsync("a red fox [slow:400]", partialImages: 3))
        {
            id = response.Header("x-request-id");
        }

        var request = await customer.FinishedRequestAsync(id);
        var image = await customer.Http.GetByteArrayAsync(new Uri(request.GetProperty("images")[0].Text("content_url")), TestContext.Current.CancellationToken);

        Assert.Equal("succeeded", request.Text("status"));
        Assert.True(ImageHeader.TryRead(image, out _));
        Assert.Single(await customer.RowsAsync("L"));
        Assert.Equal(new Money(5_000_000) - request.Money("cost", "amount_usd"), (await customer.BalanceAsync()).Available);
        Assert.Equal(0, product.Local.Emulator.CancelledCalls);
    }

    [Fact]
    public async Task Several_images_cannot_be_streamed()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "foxes", n = 2, stream = true });

        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_value");
        Assert.Equal("n", error.Text("param"));
    }

    private async Task<HttpResponseMessage> StreamAsync(string prompt, int partialImages)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations")
        {
            Content = JsonContent.Create(new { model = "gpt-image-2", prompt, size = "1024x1024", quality = "low", stream = true, partial_images = partialImages }),
        };
        return await customer.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static async Task<List<(string Type, JsonElement Json)>> EventsAsync(HttpResponseMessage response)
    {
        var events = new List<(string, JsonElement)>();
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            using var json = JsonDocument.Parse(item.Data);
            Assert.Equal(item.EventType, json.RootElement.Text("type"));
            events.Add((item.EventType, json.RootElement.Clone()));
        }

        return events;
    }
}
