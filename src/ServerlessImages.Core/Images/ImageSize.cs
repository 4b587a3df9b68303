using System.Globalization;

namespace ServerlessImages.Images;

/// <summary>Width and height in pixels.</summary>
public readonly record struct ImageSize(int Width, int Height)
{
    public long Pixels => (long)Width * Height;
    public int LongEdge => Math.Max(Width, Height);
    public int ShortEdge => Math.Min(Width, Height);

    /// <summary>
    /// How much longer a picture of this size takes than one of a standard size, about: as its edges, not as its pixels. Measured at high quality: 126 s at 1024×1024, 200 to 250 s at 2048×2048, 2 to 4
    /// minutes at 4K.
    /// </summary>
    public double TimeFactor => Math.Max(1, Math.Sqrt((double)Pixels / (1536 * 1024)));

    /// <summary>Reads <c>1024x1536</c>: two whole numbers without signs, spaces or leading zeros.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ImageSize size)
    {
        size = default;
        var x = text.IndexOf('x');
        if (x < 0 || !TryEdge(text[..x], out var width) || !TryEdge(text[(x + 1)..], out var height)) return false;
        size = new(width, height);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    private static bool TryEdge(ReadOnlySpan<char> text, out int edge)
    {
        edge = 0;
        return text.Length is > 0 and <= 5 && text[0] != '0' && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out edge);
    }
}
