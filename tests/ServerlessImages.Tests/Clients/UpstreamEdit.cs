using ServerlessImages.Images;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>What the upstream gets of a <see cref="SampleEdit"/>, whichever client sent it.</summary>
internal static class UpstreamEdit
{
    public static void AssertHasBothImagesAndTheMask(Product product)
    {
        var call = Assert.Single(product.Local.Emulator.Received);
        Assert.Equal((ImageOperation.Edit, SampleEdit.Prompt), (call.Operation, call.Fields["prompt"].GetString()));
        Assert.Equal(
            [("image[]", new ImageSize(64, 48)), ("image[]", new ImageSize(48, 64)), ("mask", new ImageSize(64, 48))],
            call.Files.Select(file => (file.Name, file.Size!.Value)));
    }
}
