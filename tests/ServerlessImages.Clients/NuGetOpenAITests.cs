using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI.Images;
using ServerlessImages.Tests.Clients;

namespace ServerlessImages.Clients;

/// <summary>The NuGet package <c>OpenAI</c> with nothing changed but the endpoint and the key.</summary>
public sealed class NuGetOpenAITests(LocalProgram product)
{
    private static readonly ImageGenerationOptions Cheap = new() { Size = GeneratedImageSize.W1024xH1024, Quality = GeneratedImageQuality.LowQuality };

    [Fact]
    public async Task A_plain_call_gets_its_image_and_its_usage_and_pays_exactly_the_cost()
    {
        var before = await Account.BalanceAsync(product);

        var result = await product.ImageClient().GenerateImageAsync("a fox", Cheap, Cancel);

        Assert.Equal((1024, 1024), Png.SizeOf(result.Value.ImageBytes));
        Assert.Equal(before - CostOf(result.GetRawResponse()), await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task Two_images_are_two_pictures_with_one_usage()
    {
        var before = await Account.BalanceAsync(product);

        var result = await product.ImageClient().GenerateImagesAsync("a fox", 2, Cheap, Cancel);

        Assert.Equal(2, result.Value.Select(image => Convert.ToBase64String(image.ImageBytes)).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(391, result.Value.Usage.OutputTokenCount);
        Assert.Equal(GeneratedImageSize.W1024xH1024, result.Value.Size);
        Assert.Equal(before - CostOf(result.GetRawResponse()), await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task A_stream_brings_its_partial_images_and_then_the_image_with_its_cost()
    {
        var before = await Account.BalanceAsync(product);
        using var body = BinaryContent.Create(BinaryData.FromObjectAsJson(new { model = "gpt-image-2", prompt = "a fox", quality = "low", stream = true, partial_images = 2 }));

        var events = new List<(string Type, JsonElement Data)>();
        await foreach (var each in await product.ImageClient().GenerateImagesStreamingAsync(body, new RequestOptions { CancellationToken = Cancel })) events.Add((each.EventType, each.Data.ToObjectFromJson<JsonElement>()));

        Assert.Equal(["image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"], events.Select(each => each.Type));
        Assert.All(events, each => Assert.Equal((1024, 1024), Png.SizeOf(BinaryData.FromBytes(each.Data.GetProperty("b64_json").GetBytesFromBase64()))));
        var cost = events[^1].Data.GetProperty("cost").GetProperty("amount_usd").GetString()!;
        Assert.Equal(before - Account.Dollars(cost), await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task An_edit_with_a_mask_pays_exactly_the_cost()
    {
        var drawn = (await product.ImageClient().GenerateImageAsync("a fox", Cheap, Cancel)).Value.ImageBytes;
        var before = await Account.BalanceAsync(product);

        using var image = drawn.ToStream();
        using var mask = drawn.ToStream();
        var result = await product.ImageClient().GenerateImageEditAsync(image, "fox.png", "make it night", mask, "mask.png", new ImageEditOptions { Size = GeneratedImageSize.W1024xH1024, Quality = GeneratedImageQuality.LowQuality, EndUserId = "alice" }, Cancel);

        Assert.Equal((1024, 1024), Png.SizeOf(result.Value.ImageBytes));
        Assert.Equal(before - CostOf(result.GetRawResponse()), await Account.BalanceAsync(product));
    }

    /// <summary>Its own method takes one image: for more, a customer writes the form. What came to the upstream shows in what that counted.</summary>
    [Fact]
    public async Task An_edit_of_two_images_with_a_mask_comes_whole_to_the_upstream_and_pays_exactly_the_cost()
    {
        var before = await Account.BalanceAsync(product);
        var (form, contentType) = await SampleEdit.FormAsync(Cancel);
        using var body = BinaryContent.Create(form);

        var result = await product.ImageClient().GenerateImageEditsAsync(body, contentType, new RequestOptions { CancellationToken = Cancel });

        var usage = result.GetRawResponse().Content.ToObjectFromJson<JsonElement>().GetProperty("usage");
        Assert.Equal(SampleEdit.ImageTokens, usage.GetProperty("input_tokens_details").GetProperty("image_tokens").GetInt32());
        Assert.Equal(before - CostOf(result.GetRawResponse()), await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task A_moderated_prompt_is_the_clients_own_error_with_our_code_and_costs_nothing()
    {
        var before = await Account.BalanceAsync(product);

        var error = await Assert.ThrowsAsync<ClientResultException>(() => product.ImageClient().GenerateImageAsync("a fox [moderated]", Cheap, Cancel));

        Assert.Equal(400, error.Status);
        Assert.Contains("moderation_blocked", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task A_wrong_key_is_refused()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => product.ImageClient("sk-not-one-of-ours").GenerateImageAsync("a fox", Cheap, Cancel));

        Assert.Equal(401, error.Status);
    }

    /// <summary>As shipped, this client sends a call that takes too long again, up to four times in all: each could be an image.</summary>
    [Fact]
    public async Task A_client_that_times_out_and_sends_again_pays_once_and_gets_the_image()
    {
        var before = await Account.BalanceAsync(product);

        var result = await product.ImageClient(timeout: TimeSpan.FromSeconds(1)).GenerateImageAsync("a patient fox [slow:2600]", Cheap, Cancel);

        Assert.Equal((1024, 1024), Png.SizeOf(result.Value.ImageBytes));
        Assert.Equal(before - CostOf(result.GetRawResponse()), await Account.BalanceAsync(product));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static decimal CostOf(PipelineResponse response) => Account.Dollars(response.Headers.TryGetValue("x-cost-usd", out var cost) ? cost! : "no cost");
}
