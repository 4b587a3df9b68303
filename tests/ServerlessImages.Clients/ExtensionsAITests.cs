using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI.Images;
using ServerlessImages.Tests.Clients;

namespace ServerlessImages.Clients;

/// <summary>
/// Microsoft.Extensions.AI's <c>IImageGenerator</c> over the OpenAI package. It has no streams, no mask, and of several original images it sends the first one only:
/// for these, a customer asks it for the <see cref="ImageClient"/> underneath (<see cref="NuGetOpenAITests"/>).
/// </summary>
public sealed class ExtensionsAITests(LocalProgram product)
{
    [Fact]
    public async Task A_plain_call_gets_its_image_and_its_usage_and_pays_exactly_the_cost()
    {
        var before = await Account.BalanceAsync(product);
        using var generator = product.ImageClient().AsIImageGenerator();

        var response = await generator.GenerateImagesAsync("a fox", Cheap, Cancel);

        Assert.Equal((1024, 1024), SizeOf(Assert.Single(response.Contents)));
        Assert.Equal(196, response.Usage!.OutputTokenCount);
        Assert.Equal(before - await Account.LatestCostAsync(product), await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task Images_come_as_data_of_the_size_and_the_type_that_were_asked_for()
    {
        using var generator = product.ImageClient().AsIImageGenerator();
        var options = new Microsoft.Extensions.AI.ImageGenerationOptions { Count = 2, ImageSize = new(1024, 1024), MediaType = "image/png" };

        var response = await generator.GenerateImagesAsync("a fox", options, Cancel);

        Assert.Equal([(1024, 1024), (1024, 1024)], response.Contents.Select(SizeOf));
    }

    /// <summary>What came to the upstream shows in what that counted.</summary>
    [Fact]
    public async Task Of_two_images_to_edit_it_sends_the_first_and_pays_for_that_one()
    {
        var before = await Account.BalanceAsync(product);
        using var generator = product.ImageClient().AsIImageGenerator();
        var options = new Microsoft.Extensions.AI.ImageGenerationOptions { RawRepresentationFactory = _ => new ImageEditOptions { Size = GeneratedImageSize.W1024xH1024, Quality = GeneratedImageQuality.LowQuality } };

        var response = await generator.EditImagesAsync([new DataContent(SampleEdit.First, "image/png"), new DataContent(SampleEdit.Second, "image/png")], SampleEdit.Prompt, options, Cancel);

        Assert.Equal((1024, 1024), SizeOf(Assert.Single(response.Contents)));
        Assert.Equal(SampleEdit.TokensPerImage, response.Usage!.AdditionalCounts!["InputTokenDetails.ImageTokenCount"]);
        Assert.Equal(before - await Account.LatestCostAsync(product), await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task A_moderated_prompt_is_the_error_of_the_client_underneath_and_costs_nothing()
    {
        var before = await Account.BalanceAsync(product);
        using var generator = product.ImageClient().AsIImageGenerator();

        var error = await Assert.ThrowsAsync<ClientResultException>(() => generator.GenerateImagesAsync("a fox [moderated]", Cheap, Cancel));

        Assert.Equal(400, error.Status);
        Assert.Contains("moderation_blocked", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Account.BalanceAsync(product));
    }

    [Fact]
    public async Task A_client_that_times_out_and_sends_again_pays_once_and_gets_the_image()
    {
        var before = await Account.BalanceAsync(product);
        using var generator = product.ImageClient(timeout: TimeSpan.FromSeconds(1)).AsIImageGenerator();

        var response = await generator.GenerateImagesAsync("another patient fox [slow:2600]", Cheap, Cancel);

        Assert.Equal((1024, 1024), SizeOf(Assert.Single(response.Contents)));
        Assert.Equal(before - await Account.LatestCostAsync(product), await Account.BalanceAsync(product));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Microsoft.Extensions.AI.ImageGenerationOptions Cheap => new() { RawRepresentationFactory = _ => new OpenAI.Images.ImageGenerationOptions { Size = GeneratedImageSize.W1024xH1024, Quality = GeneratedImageQuality.LowQuality } };

    private static (int Width, int Height) SizeOf(AIContent image) => Png.SizeOf(BinaryData.FromBytes(((DataContent)image).Data));
}
