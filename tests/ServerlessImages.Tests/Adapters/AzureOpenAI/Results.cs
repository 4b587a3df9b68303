using ServerlessImages.Images;
using Xunit;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

internal static class Results
{
    public static GeneratedImages Images(this Result<GeneratedImages> result)
    {
        Assert.True(result.TryGet(out var images, out var error), $"{error?.Code}: {error?.Cause}");
        return images;
    }

    public static ApiError Error(this Result<GeneratedImages> result)
    {
        Assert.False(result.TryGet(out _, out var error));
        return error;
    }

    /// <summary>The images' bytes, which compare by content.</summary>
    public static byte[][] Bytes(this GeneratedImages images) => [.. images.Images.Select(image => image.ToArray())];
}
