using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>
/// Those of the upstream's images that may be charged: whole, of the format that was asked for, and of its size where one was named. The charge is for these.
/// </summary>
public sealed record DeliveredImages(IReadOnlyList<ReadOnlyMemory<byte>> Images, Delivery Delivery)
{
    public static DeliveredImages Of(ImageRequest request, GeneratedImages generated)
    {
        var delivered = new List<ReadOnlyMemory<byte>>();
        var size = default(ImageSize);
        foreach (var image in generated.Images)
        {
            // More than was asked for is a present of the upstream's that nobody pays for.
            if (delivered.Count == request.Count) break;
            if (!ImageHeader.TryRead(image.Span, out var header) || header.Format != request.Format || (request.Size ?? header.Size) != header.Size) continue;
            delivered.Add(image);
            size = header.Size;
        }

        var quality = generated.Quality ?? request.Quality;
        return new(delivered, new Delivery(generated.Images.Count, delivered.Count, size, quality, generated.Usage, generated.PartialImages) { RepeatedInput = generated.RepeatedInput });
    }
}
