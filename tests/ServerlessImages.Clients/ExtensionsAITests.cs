using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Images;

namespace ServerlessImages.Clients;

/// <summary>Microsoft.Extensions.AI's <c>IImageGenerator</c> over the OpenAI package.</summary>
public sealed class ExtensionsAITests(LocalProgram product)
{
    [Fact]
    public async Task Images_come_as_data_of_the_size_and_the_type_that_were_asked_for()
    {
        using var generator = new ImageClient("gpt-image-2", new ApiKeyCredential(product.ApiKey), new OpenAIClientOptions { Endpoint = product.V1 }).AsIImageGenerator();
        var options = new Microsoft.Extensions.AI.ImageGenerationOptions { Count = 2, ImageSize = new(1024, 1024), MediaType = "image/png" };

        var response = await generator.GenerateImagesAsync("a fox", options, TestContext.Current.CancellationToken);

        var images = response.Contents.Cast<DataContent>().ToArray();
        Assert.Equal(2, images.Length);
        Assert.All(images, image => Assert.Equal((1024, 1024), Png.SizeOf(BinaryData.FromBytes(image.Data))));
    }
}
