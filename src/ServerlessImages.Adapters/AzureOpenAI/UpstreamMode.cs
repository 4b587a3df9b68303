using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>How the upstream is asked, which is not always how the caller asked.</summary>
/// <param name="Stream">For every single image: a plain call meets a wall at about 122 s, a stream does not. Several images cannot be streamed.</param>
/// <param name="PartialImages">Asked of the upstream, 0 to <see cref="ImageRequest.PartialImagesMax"/>.</param>
/// <param name="PartialsForCaller">How many of those the caller gets: a forced one is not among them.</param>
internal sealed record UpstreamMode(bool Stream, int PartialImages, int PartialsForCaller)
{
    public static UpstreamMode For(ImageRequest request, TimeSpan forcePartialAfter)
    {
        if (request.Count > 1) return new(Stream: false, 0, 0);

        var asked = request.Stream ? request.PartialImages : 0;

        // Times are measured for standard sizes; larger pictures take longer.
        var forced = request.ExpectedTime * (request.Size?.TimeFactor ?? 1) > forcePartialAfter ? 1 : 0;
        return new(Stream: true, Math.Max(asked, forced), asked);
    }
}
