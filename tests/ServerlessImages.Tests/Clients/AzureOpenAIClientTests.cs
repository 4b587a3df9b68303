using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Azure.AI.OpenAI;
using OpenAI.Images;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>The NuGet package <c>Azure.AI.OpenAI</c> as a customer uses it, with nothing changed but the endpoint and the key.</summary>
public sealed class AzureOpenAIClientTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(null, ("Generation:AdoptAfter", "00:00:00.4"));
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_plain_call_gets_its_image_and_pays_for_it()
    {
        var image = await Client().GenerateImageAsync("a fox", Cheap, Cancel);

        Assert.NotEmpty(image.Value.ImageBytes.ToArray());
        Assert.Equal("/openai/v1/images/generations", product.Local.Emulator.Received.Single().Path);
        Assert.True((await customer.BalanceAsync()).Settled > Money.Zero);
    }

    [Fact]
    public async Task Two_images_are_two_pictures_for_one_cost()
    {
        var result = await Client().GenerateImagesAsync("a fox", 2, Cheap, Cancel);

        Assert.Equal(2, result.Value.Select(image => Convert.ToBase64String(image.ImageBytes)).Distinct(StringComparer.Ordinal).Count());
        await AssertPaidCostOfAsync(result.GetRawResponse().Content.ToString());
    }

    /// <summary>It has no streams, and loses a body that it is told not to buffer: of a stream that it is made to ask for, it has all events at the end.</summary>
    [Fact]
    public async Task A_stream_has_a_partial_image_and_then_the_image_with_its_cost()
    {
        using var body = BinaryContent.Create(BinaryData.FromObjectAsJson(new { prompt = "a fox", size = "1024x1024", quality = "low", stream = true, partial_images = 1 }));

        var result = await Client().GenerateImagesAsync(body, new RequestOptions { CancellationToken = Cancel });
        await using var answer = result.GetRawResponse().Content.ToStream();
        var events = SseParser.Create(answer).Enumerate().ToArray();

        Assert.Equal(["image_generation.partial_image", "image_generation.completed"], events.Select(each => each.EventType));
        await AssertPaidCostOfAsync(events[1].Data);
    }

    /// <summary>Its own method takes one image: for more, a customer writes the form.</summary>
    [Fact]
    public async Task An_edit_of_two_images_with_a_mask_comes_whole_to_the_upstream_and_pays_exactly_its_cost()
    {
        var (form, contentType) = await SampleEdit.FormAsync(Cancel);
        using var body = BinaryContent.Create(form);

        var result = await Client().GenerateImageEditsAsync(body, contentType, new RequestOptions { CancellationToken = Cancel });

        UpstreamEdit.AssertHasBothImagesAndTheMask(product);
        await AssertPaidCostOfAsync(result.GetRawResponse().Content.ToString());
    }

    [Fact]
    public async Task A_moderated_prompt_is_the_clients_own_error()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => Client().GenerateImageAsync("a fox [moderated]", Cheap, Cancel));

        Assert.Equal(400, error.Status);
        Assert.Equal(Money.Zero, (await customer.BalanceAsync()).Settled);
    }

    [Fact]
    public async Task A_client_that_times_out_and_sends_again_pays_once_and_gets_the_image()
    {
        var impatient = Client(new AzureOpenAIClientOptions { NetworkTimeout = TimeSpan.FromSeconds(1) });

        var image = await impatient.GenerateImageAsync("a patient fox [slow:2600]", Cheap, Cancel);

        Assert.NotEmpty(image.Value.ImageBytes.ToArray());
        Assert.Equal(1, product.Local.Emulator.Calls);
        Assert.Single(await customer.RowsAsync("L"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ImageGenerationOptions Cheap => new() { Size = GeneratedImageSize.W1024xH1024, Quality = new GeneratedImageQuality("low") };

    private async Task AssertPaidCostOfAsync(string answer)
    {
        var cost = JsonSerializer.Deserialize<JsonElement>(answer).Money("cost", "amount_usd");
        Assert.Equal(new Money(5_000_000) - cost, (await customer.BalanceAsync()).Available);
    }

    private ImageClient Client(AzureOpenAIClientOptions? options = null) =>
        new AzureOpenAIClient(product.Local.BaseUrl, new ApiKeyCredential(customer.Key), options ?? new AzureOpenAIClientOptions()).GetImageClient("gpt-image-2");
}
