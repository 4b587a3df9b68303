namespace ServerlessImages.Images;

/// <summary>
/// Format and size of an image, read from its bytes without decoding it. A file counts only when it is plausibly whole: a truncated or
/// padded download is not an image, and is not charged. The pixels themselves are not decoded.
/// </summary>
/// <param name="Format">By the content's own signature, whatever was asked for.</param>
public readonly record struct ImageHeader(ImageFormat Format, ImageSize Size)
{
    /// <summary>The longest edge that counts, in pixels: WebP's own bound (16,383), rounded up, and four times what any model draws.</summary>
    public const int EdgeMax = 16_384;

    /// <summary>64 megapixels, about 256 MiB once decoded: nothing that a decoder could choke on is handed out as an image.</summary>
    public const long PixelsMax = 64L * 1024 * 1024;

    /// <summary>Total: never throws, whatever the bytes, in time linear in their number.</summary>
    /// <returns>False for anything but one whole, still PNG, JPEG or WebP within the bounds.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ImageHeader header)
    {
        header = default;
        if (PngHeader.TryRead(bytes, out var size)) header = new(ImageFormat.Png, size);
        else if (JpegHeader.TryRead(bytes, out size)) header = new(ImageFormat.Jpeg, size);
        else if (WebpHeader.TryRead(bytes, out size)) header = new(ImageFormat.Webp, size);
        else return false;
        return true;
    }

    /// <summary>The size, if it is within the bounds.</summary>
    internal static bool TrySize(uint width, uint height, out ImageSize size)
    {
        size = default;
        if (width is 0 or > EdgeMax || height is 0 or > EdgeMax || (long)width * height > PixelsMax) return false;
        size = new((int)width, (int)height);
        return true;
    }
}
