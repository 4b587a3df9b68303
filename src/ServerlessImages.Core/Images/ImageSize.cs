using System.Globalization;

namespace ServerlessImages.Images;

/// <summary>Width and height in pixels.</summary>
public readonly record struct ImageSize(int Width, int Height)
{
    public long Pixels => (long)Width * Height;
    public int LongEdge => Math.Max(Width, Height);
    public int ShortEdge => Math.Min(Width, Height);

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
