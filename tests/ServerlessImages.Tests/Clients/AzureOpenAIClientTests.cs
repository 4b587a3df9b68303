using System.ClientModel;
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
        var image = await Client().GenerateImageAsync("a fox", Square, TestContext.Current.CancellationToken);

        Assert.NotEmpty(image.Value.ImageBytes.ToArray());
        Assert.Equal("/openai/v1/images/generations", product.Local.Emulator.Received.Single().Path);
        Assert.True((await customer.BalanceAsync()).Settled > Money.Zero);
    }

    [Fact]
    public async Task A_moderated_prompt_is_the_clients_own_error()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => Client().GenerateImageAsync("a fox [moderated]", Square, TestContext.Current.CancellationToken));

        Assert.Equal(400, error.Status);
        Assert.Equal(Money.Zero, (await customer.BalanceAsync()).Settled);
    }

    [Fact]
    public async Task A_client_that_times_out_and_sends_again_pays_once_and_gets_the_image()
    {
        var impatient = Client(new AzureOpenAIClientOptions { NetworkTimeout = TimeSpan.FromSeconds(1) });

        var image = await impatient.GenerateImageAsync("a patient fox [slow:2600]", Square, TestContext.Current.CancellationToken);

        Assert.NotEmpty(image.Value.ImageBytes.ToArray());
        Assert.Equal(1, product.Local.Emulator.Calls);
        Assert.Single(await customer.RowsAsync("L"));
    }

    private static ImageGenerationOptions Square => new() { Size = GeneratedImageSize.W1024xH1024 };

    private ImageClient Client(AzureOpenAIClientOptions? options = null) =>
        new AzureOpenAIClient(product.Local.BaseUrl, new ApiKeyCredential(customer.Key), options ?? new AzureOpenAIClientOptions()).GetImageClient("gpt-image-2");
}
