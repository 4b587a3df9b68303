using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using ServerlessImages.Images;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.FunctionsHost;

/// <summary>The main jobs, from outside, through the Functions host.</summary>
public sealed class ImageTests(PublishedApp app) : IAsyncLifetime
{
    private Deployment deployment = null!;

    public async ValueTask InitializeAsync() => deployment = await Deployment.StartAsync(app);

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task An_image_is_generated_and_charged_under_every_prefix()
    {
        string[] prefixes = ["v1", "openai/v1", "openai/deployments/gpt-image-2", "deployments/gpt-image-2"];
        var left = Office.Credit;
        foreach (var prefix in prefixes)
        {
            using var answer = await deployment.SendAsync(HttpMethod.Post, $"{prefix}/images/generations?api-version=2025-04-01-preview", JsonContent.Create(new { model = Deployment.Model, prompt = "a red fox", size = "1024x1024", quality = "low" }), deployment.Key);
            var json = await answer.JsonAsync();
            left -= json.Dollars("cost", "amount_usd");

            Assert.True(ImageHeader.TryRead(json.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64(), out var image));
            Assert.Equal(new ImageSize(1024, 1024), image.Size);
            Assert.Equal((left, Money.Zero), await deployment.BalanceAsync());
        }
    }

    [Fact]
    public async Task An_image_is_edited_with_a_form()
    {
        using var form = new MultipartFormDataContent { { new StringContent(Deployment.Model), "model" }, { new StringContent("add a hat"), "prompt" }, { new StringContent("1024x1024"), "size" }, { new StringContent("low"), "quality" } };
        form.Add(new ByteArrayContent(SampleImages.Png), "image", "fox.png");
        using var answer = await deployment.SendAsync(HttpMethod.Post, "v1/images/edits", form, deployment.Key);
        var json = await answer.JsonAsync();

        Assert.True(ImageHeader.TryRead(json.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64(), out _));
        Assert.Equal((Office.Credit - json.Dollars("cost", "amount_usd"), Money.Zero), await deployment.BalanceAsync());
    }

    [Fact]
    public async Task Each_event_of_a_stream_arrives_before_the_upstream_goes_on()
    {
        var cancel = TestContext.Current.CancellationToken;
        var seen = new List<string>();
        var sending = deployment.GenerateAsync("a red fox [slow:3]", partialImages: 2);

        // Of two partial images and the last one, the upstream sends none before its wait is ended.
        var go = await deployment.UpstreamTime.NextWaitAsync(cancel);
        go();
        using var answer = await sending;
        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancel))
        {
            seen.Add(item.EventType);
            if (seen.Count == 3) break;
            go = await deployment.UpstreamTime.NextWaitAsync(cancel);
            go();
        }

        Assert.Equal(["image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"], seen);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_deletion_that_the_host_sends_ten_times_deletes_once_and_costs_nothing()
    {
        using var generated = await deployment.GenerateAsync("a red fox");
        var id = (await generated.JsonAsync()).GetProperty("id").GetString();
        var (balance, entries, sent) = (await deployment.BalanceAsync(), await deployment.EntriesAsync(), deployment.Host.Proxy.Sent);

        deployment.Host.Proxy.LoseAnswers(9);
        using var deleted = await deployment.SendAsync(HttpMethod.Delete, $"v1/requests/{id}", key: deployment.Key);
        sent = deployment.Host.Proxy.Sent - sent;
        using var content = await deployment.SendAsync(HttpMethod.Get, $"v1/requests/{id}/content", key: deployment.Key);

        Assert.Equal((HttpStatusCode.OK, 10), (deleted.StatusCode, sent));
        Assert.Equal((HttpStatusCode.Gone, "result_deleted"), (content.StatusCode, await content.ErrorCodeAsync()));
        Assert.Equal(balance, await deployment.BalanceAsync());
        Assert.Equal(entries, await deployment.EntriesAsync());
    }
}
