using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.Tests.Api;

/// <summary>Edits through HTTP: in every form that a client sends them, and what they cost.</summary>
public sealed class EditTests : EditTest
{
    [Theory]
    [InlineData("image", "image", "mask")]
    [InlineData("image[]", "image[]", "mask")]
    [InlineData("image[0]", "image[1]", "mask")]
    [InlineData("\"image[]\"", "\"image[]\"", "\"mask\"")]
    public async Task Two_images_and_a_mask_cost_their_tokens_and_go_upstream_in_order(string first, string second, string mask)
    {
        using var response = await EditAsync((first, SampleImages.Png), (second, SampleImages.Jpeg), (mask, SampleImages.LosslessWebp));
        var json = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(ImageHeader.TryRead(json.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64(), out var header));
        Assert.Equal(new ImageHeader(ImageFormat.Png, new(1024, 1024)), header);

        // 5, 8 and 30 dollars a million for text, images and output; the emulator counts 640 tokens for each of the small images.
        var usage = json.GetProperty("usage");
        var text = usage.GetProperty("input_tokens_details").GetProperty("text_tokens").GetInt64();
        Assert.Equal(3 * 640, usage.GetProperty("input_tokens_details").GetProperty("image_tokens").GetInt64());
        Assert.Equal(new Money((5 * text) + (8 * 3 * 640) + (30 * 196)), json.Money("cost", "amount_usd"));
        Assert.Equal(new Money((5 * (16 + 13)) + (8 * 3 * 1_536) + (30 * 196)), json.Money("cost", "quote_usd"));
        Assert.Equal(new Money(5_000_000) - json.Money("cost", "amount_usd"), (await Customer.BalanceAsync()).Available);

        Assert.Equal((ImageOperation.Edit, "/openai/v1/images/edits"), (Received.Operation, Received.Path));
        Assert.Equal(
            [("image[]", SampleImages.Png.Length), ("image[]", SampleImages.Jpeg.Length), ("mask", SampleImages.LosslessWebp.Length)],
            Received.Files.Select(file => (file.Name, (int)file.Length)));
        Assert.Equal(["model", "prompt", "size", "quality", "stream"], Received.Fields.Keys);
    }

    [Fact]
    public async Task Fields_may_follow_the_files_and_a_mask_needs_no_file_name()
    {
        using var form = AForm([("image[1]", SampleImages.Jpeg), ("image[0]", SampleImages.Png)]);
        form.Add(new ByteArrayContent(SampleImages.Png), "mask");
        foreach (var (name, value) in Fields(("n", "1"), ("tags[project]", "fox"), ("user", "alice"))) form.Add(new StringContent((string)value), name);
        using var response = await EditAsync(form);
        var entry = LedgerEntry.From(Assert.Single(await Customer.RowsAsync("L")));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("edit", """{"project":"fox"}"""), (entry.Request!.Summary.Operation, entry.Request.Summary.Tags));
        Assert.Equal([SampleImages.Png.Length, SampleImages.Jpeg.Length, SampleImages.Png.Length], Received.Files.Select(file => (int)file.Length));
        Assert.Matches("^[0-9a-f]{64}$", Received.Fields["safety_identifier"].GetString());
    }

    [Fact]
    public async Task Json_with_data_urls_is_the_same_edit()
    {
        using var response = await EditJsonAsync(ABody());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            [("image[]", SampleImages.Png.Length), ("image[]", SampleImages.Jpeg.Length), ("mask", SampleImages.Png.Length)],
            Received.Files.Select(file => (file.Name, (int)file.Length)));
    }

    [Fact]
    public async Task Base64_with_JSONs_escapes_in_it_is_read_piece_by_piece()
    {
        var image = SampleImages.APng(SampleImages.Ihdr(16, 16), SampleImages.PngChunk("IDAT", [.. Enumerable.Range(0, 300_000).Select(each => (byte)((each * 7_919) >> 3))]), SampleImages.PngChunk("IEND"));
        var text = DataUrl(image).Replace("/", "\\/", StringComparison.Ordinal).Replace("+", "\\u002B", StringComparison.Ordinal);
        using var body = new StringContent($$"""{"model":"gpt-image-2","prompt":"x","size":"1024x1024","quality":"low","images":[{"image_url":"{{text}}"}]}""");
        using var response = await Customer.Http.PostAsync(new Uri("/v1/images/edits", UriKind.Relative), body, Cancel);
        var request = await Customer.RequestAsync((await response.JsonAsync()).Text("id"));

        Assert.Equal("succeeded", request.Text("status"));
        Assert.Equal(image.Length, Assert.Single(Received.Files).Length);
    }

    [Fact]
    public async Task A_stream_has_the_events_of_edits()
    {
        using var response = await EditAsync(("image", SampleImages.Png), ("stream", "true"), ("partial_images", "1"));
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        var events = SseParser.Create(body).Enumerate().ToArray();

        Assert.Equal(["image_edit.partial_image", "image_edit.completed"], events.Select(each => each.EventType));
        using var completed = JsonDocument.Parse(events[1].Data);
        Assert.Equal(new Money(5_000_000) - completed.RootElement.Money("cost", "amount_usd"), (await Customer.BalanceAsync()).Available);
        Assert.Equal(("true", "1"), (Received.Fields["stream"].GetString(), Received.Fields["partial_images"].GetString()));
    }

    [Fact]
    public async Task Two_images_come_from_one_plain_call()
    {
        using var response = await EditAsync(("image", SampleImages.Png), ("n", "2"));
        var json = await response.JsonAsync();

        Assert.Equal(2, json.GetProperty("data").GetArrayLength());
        Assert.Equal("2", Received.Fields["n"].GetString());
        Assert.False(Received.Fields.ContainsKey("stream"));
        Assert.Equal(new Money(5_000_000) - json.Money("cost", "amount_usd"), (await Customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task Fidelity_goes_to_the_model_that_has_it()
    {
        using var response = await EditAsync(AForm([("model", "gpt-image-1.5"), ("prompt", "x"), ("size", "1024x1024"), ("quality", "low"), ("input_fidelity", "high"), ("image", SampleImages.Png)]));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("high", Received.Fields["input_fidelity"].GetString());
    }

    [Fact]
    public async Task Markup_goes_to_the_model_that_takes_it()
    {
        using var response = await EditAsync(AForm([("model", "gpt-image-2.5-flare"), ("prompt", "x"), ("size", "1024x1024"), ("quality", "low"), ("image", SampleImages.Png), ("markup", SampleImages.Png)]));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["image[]", "markup"], Received.Files.Select(file => file.Name));
    }

    [Fact]
    public async Task Sixteen_images_are_as_many_as_there_may_be()
    {
        using var response = await EditAsync([.. Enumerable.Range(0, 16).Select(_ => ("image[]", (object)SampleImages.Png))]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(16, Received.Files.Count);
    }

    [Theory]
    [InlineData("/openai/deployments/gpt-image-2/images/edits?api-version=2024-10-21")]
    [InlineData("/deployments/gpt-image-2/images/edits")]
    public async Task A_deployments_address_names_the_model(string path)
    {
        using var response = await EditAsync(AForm([("prompt", "x"), ("size", "1024x1024"), ("quality", "low"), ("image", SampleImages.Png)]), path);
        using var other = await EditAsync(AForm([("model", "gpt-image-1.5"), ("prompt", "x"), ("image", SampleImages.Png)]), path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("gpt-image-2", Received.Fields["model"].GetString());
        Assert.Equal("model", (await other.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_value")).Text("param"));
    }

    [Fact]
    public async Task A_quote_of_an_edit_is_what_its_call_costs_at_most_however_each_is_sent()
    {
        using var asForm = await EditAsync(AForm(Fields(("image", SampleImages.Png), ("image", SampleImages.Jpeg), ("mask", SampleImages.Png))), "/v1/quotes");
        using var asJson = await EditJsonAsync(ABody(), "/openai/v1/quotes");
        var quote = await asForm.JsonAsync();
        using var response = await EditAsync(("image", SampleImages.Png), ("image", SampleImages.Jpeg), ("mask", SampleImages.Png), ("quote_id", quote.Text("quote_id")));
        using var sameInJson = await EditJsonAsync(new Dictionary<string, object>(ABody()) { ["quote_id"] = (await asJson.JsonAsync()).Text("quote_id") });
        using var another = await EditAsync(("image", SampleImages.Jpeg), ("image", SampleImages.Png), ("mask", SampleImages.Png), ("quote_id", quote.Text("quote_id")));

        Assert.Equal((await asJson.JsonAsync()).Text("quote_usd"), quote.Text("quote_usd"));
        Assert.Equal(quote.Text("quote_usd"), (await response.JsonAsync()).Text("cost", "quote_usd"));
        Assert.Equal(HttpStatusCode.OK, sameInJson.StatusCode);
        await another.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_quote");
    }

    [Fact]
    public async Task A_quote_without_images_is_one_of_a_generation()
    {
        using var asForm = await EditAsync(AForm(Fields()), "/v1/quotes");
        using var asJson = await EditJsonAsync(new { model = "gpt-image-2", prompt = "make it night", size = "1024x1024", quality = "low" }, "/v1/quotes");

        Assert.Equal(new Money((5 * (16 + 13)) + 5_880), (await asForm.JsonAsync()).Money("quote_usd"));
        Assert.Equal(new Money((5 * (16 + 13)) + 5_880), (await asJson.JsonAsync()).Money("quote_usd"));
    }

    [Fact]
    public async Task An_edit_that_is_sent_twice_with_one_key_is_paid_once()
    {
        Customer.Http.DefaultRequestHeaders.Add("Idempotency-Key", "one-edit");
        using var first = await EditAsync(("image", SampleImages.Png));
        using var again = await EditJsonAsync(new { model = "gpt-image-2", prompt = "make it night", size = "1024x1024", quality = "low", images = new[] { new { image_url = DataUrl(SampleImages.Png) } } });
        using var other = await EditAsync(("image", SampleImages.Jpeg));

        Assert.Equal((await first.JsonAsync()).GetRawText(), (await again.JsonAsync()).GetRawText());
        await other.AssertErrorAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal(1, Product.Local.Emulator.Calls);
    }

    [Theory]
    [InlineData("/v1/images/variations")]
    [InlineData("/openai/v1/images/variations")]
    [InlineData("/openai/deployments/gpt-image-2/images/variations?api-version=2024-10-21")]
    [InlineData("/deployments/gpt-image-2/images/variations")]
    public async Task Variations_are_gone_and_say_so(string path)
    {
        using var response = await EditAsync(AForm([("image", SampleImages.Png), ("n", "2")]), path);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "endpoint_retired");
        await AssertNothingHappenedAsync();
    }

    [Fact]
    public async Task A_failed_edit_costs_nothing()
    {
        using var response = await EditAsync(AForm([("model", "gpt-image-2"), ("prompt", "a fight [moderated]"), ("size", "1024x1024"), ("quality", "low"), ("image", SampleImages.Png)]));

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "moderation_blocked");
        Assert.Equal(new Money(5_000_000), (await Customer.BalanceAsync()).Available);
    }

    private static Dictionary<string, object> ABody() => new()
    {
        ["model"] = "gpt-image-2",
        ["prompt"] = "make it night",
        ["size"] = "1024x1024",
        ["quality"] = "low",
        ["images"] = new[] { new { image_url = DataUrl(SampleImages.Png) }, new { image_url = DataUrl(SampleImages.Jpeg) } },
        ["mask"] = new { image_url = DataUrl(SampleImages.Png) },
    };
}
