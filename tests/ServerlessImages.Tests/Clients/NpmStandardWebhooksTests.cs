using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Local.Node;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Docs;
using ServerlessImages.Tests.Webhooks;

namespace ServerlessImages.Tests.Clients;

/// <summary>What is sent convinces someone who has only the npm package <c>standardwebhooks</c> and the script that <c>docs/webhooks.md</c> shows.</summary>
public sealed class NpmStandardWebhooksTests(NpmClients npm) : IAsyncLifetime
{
    private static readonly string[] Requests = ["request.succeeded"];
    private static readonly string[] Jobs = ["job.succeeded"];
    private Product product = null!;
    private Customer customer = null!;
    private Receiver receiver = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(options => options with { Emulator = emulator => emulator with { TimeScale = 0.001 } });
        customer = await product.CustomerAsync();
        receiver = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_message_verifies_with_its_secret_and_no_other_and_not_when_it_was_changed_or_is_old()
    {
        var endpoint = await PostAsync("", new { url = receiver.Url, events = Requests });
        using var drawn = await customer.GenerateAsync("a fox");
        var told = await receiver.NextAsync();

        var verified = await VerifyAsync(endpoint.Text("secret"), told);
        var other = await VerifyAsync("whsec_" + Convert.ToBase64String(new byte[32]), told);
        var changed = await VerifyAsync(endpoint.Text("secret"), told with { Text = told.Text.Replace("0.0", "9.0", StringComparison.Ordinal) });
        var old = await VerifyAsync(endpoint.Text("secret"), told with { Timestamp = (long.Parse(told.Timestamp, System.Globalization.CultureInfo.InvariantCulture) - 600).ToString(System.Globalization.CultureInfo.InvariantCulture) });

        Assert.Equal((0, "request.succeeded\n", ""), (verified.ExitCode, verified.Text, verified.Errors));
        Assert.All([other, changed, old], each => Assert.Equal((1, ""), (each.ExitCode, each.Text)));
    }

    /// <summary>With Azure's walls in place: longer than either, and than the front end's 230 s.</summary>
    [Fact]
    public async Task An_image_of_300_seconds_is_drawn_as_a_job_and_the_message_of_its_end_verifies()
    {
        var model = Sample.Model("gpt-image-2.5-sunburst");
        var size = new ImageSize(3840, 2160);
        Assert.True(model.ExpectedTime[ImageQuality.Max] * size.TimeFactor > TimeSpan.FromSeconds(300));

        var endpoint = await PostAsync("", new { url = receiver.Url, events = Jobs });
        using var accepted = await customer.GenerateLaterAsync(new { model = model.Id, prompt = "a fox", size = size.ToString(), quality = "max", output_format = "jpeg", output_compression = 20 });
        var told = await receiver.NextAsync();
        var verified = await VerifyAsync(endpoint.Text("secret"), told);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal((0, "job.succeeded\n", ""), (verified.ExitCode, verified.Text, verified.Errors));
        var id = (await accepted.JsonAsync()).Text("id");
        var job = await customer.RequestAsync(id);
        using var image = await customer.Http.GetAsync(new Uri(job.GetProperty("images")[0].Text("content_url")), TestContext.Current.CancellationToken);
        Assert.Equal((id, "succeeded", job.Text("cost", "amount_usd")), (told.Body.Text("data", "request_id"), job.Text("status"), told.Body.Text("data", "cost", "amount_usd")));
        Assert.Equal("image/jpeg", image.Content.Headers.ContentType!.MediaType);
        Assert.Equal((new Money(5_000_000) - job.Money("cost", "amount_usd"), Money.Zero), ((await customer.BalanceAsync()).Available, (await customer.BalanceAsync()).Held));
    }

    [Fact]
    public async Task While_a_secret_is_rotated_messages_verify_with_both()
    {
        var endpoint = await PostAsync("", new { url = receiver.Url, events = Requests });
        var rotated = await PostAsync($"/{endpoint.Text("id")}/rotate-secret", new { });
        await PostAsync($"/{endpoint.Text("id")}/test", new { });
        var during = await receiver.NextAsync();
        await PostAsync($"/{endpoint.Text("id")}/rotate-secret", new { overlap_seconds = 0 });
        await PostAsync($"/{endpoint.Text("id")}/test", new { });
        var after = await receiver.NextAsync();

        Assert.Equal(0, (await VerifyAsync(endpoint.Text("secret"), during)).ExitCode);
        Assert.Equal(0, (await VerifyAsync(rotated.Text("secret"), during)).ExitCode);
        Assert.Equal(1, (await VerifyAsync(rotated.Text("secret"), after)).ExitCode);
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await customer.Http.PostAsJsonAsync("/v1/webhook-endpoints" + path, body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
        return await answer.JsonAsync();
    }

    private Task<NodeOutput> VerifyAsync(string secret, Received message) =>
        npm.RunTextAsync("verify-webhook.mjs", Script(), [secret, message.Id, message.Timestamp, message.Signature, message.Text]);

    /// <summary>The document's own words.</summary>
    private static string Script()
    {
        var document = DocFile.Read("docs/webhooks.md");
        var start = document.IndexOf("// node verify-webhook", StringComparison.Ordinal);
        return document[start..document.IndexOf("\n```\n", start, StringComparison.Ordinal)];
    }
}
