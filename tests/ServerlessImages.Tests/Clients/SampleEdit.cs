using ServerlessImages.Tests.Images;

namespace ServerlessImages.Tests.Clients;

/// <summary>The edit that every client is made to send: two images of different shapes, and a mask of the first one's size. Both test projects have this file.</summary>
internal static class SampleEdit
{
    public const string Prompt = "make it night";

    /// <summary>What the upstream counts for each of the three: 1,024 by 768 pixels in patches of 32 by 32, lying or standing.</summary>
    public const int TokensPerImage = 768;

    /// <summary>For both images and the mask.</summary>
    public const int ImageTokens = 3 * TokensPerImage;

    public static byte[] First { get; } = SampleImages.Transparent(64, 48);

    public static byte[] Second { get; } = SampleImages.Transparent(48, 64);

    public static byte[] Mask { get; } = SampleImages.Transparent(64, 48);

    /// <summary>The body of the cheapest such edit, as a customer of the .NET packages writes it: their own methods take one image.</summary>
    public static async Task<(BinaryData Body, string ContentType)> FormAsync(CancellationToken cancel)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("gpt-image-2"), "model" },
            { new StringContent(Prompt), "prompt" },
            { new StringContent("1024x1024"), "size" },
            { new StringContent("low"), "quality" },
            { new ByteArrayContent(First), "image[]", "first.png" },
            { new ByteArrayContent(Second), "image[]", "second.png" },
            { new ByteArrayContent(Mask), "mask", "mask.png" },
        };
        return (BinaryData.FromBytes(await form.ReadAsByteArrayAsync(cancel)), form.Headers.ContentType!.ToString());
    }
}
