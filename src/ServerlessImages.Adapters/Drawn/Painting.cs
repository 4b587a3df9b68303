using ServerlessImages.Images;

namespace ServerlessImages.Drawn;

/// <summary>What to draw. Equal paintings are drawn equal, byte by byte.</summary>
public sealed record Painting
{
    /// <summary>Its words are set in the picture; with <see cref="Variation"/> it also decides what the picture shows.</summary>
    public required string Prompt { get; init; }

    /// <summary>Exactly the size of the picture, 1 pixel to 16,383 (WebP's limit) an edge.</summary>
    public required ImageSize Size { get; init; }

    public ImageFormat Format { get; init; }

    /// <value>0 to 100, as <c>output_compression</c>: JPEG and WebP only. Default 100, the best picture.</value>
    public int Compression { get; init; } = 100;

    /// <summary>Leaves the corners clear. JPEG has no transparency and stays opaque.</summary>
    public bool Transparent { get; init; }

    /// <summary>Which of the images of one call, from 0 on: the same prompt, another picture.</summary>
    public int Variation { get; init; }

    /// <value>Above 0 and up to 1, the finished picture (default). A partial image is the same picture, coarser.</value>
    public double Completeness { get; init; } = 1;
}
