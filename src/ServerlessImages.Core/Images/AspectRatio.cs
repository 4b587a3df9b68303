using System.Globalization;

namespace ServerlessImages.Images;

/// <summary>A shape such as <c>16:9</c>, and how to draw it: names that people use, made into a size that a model draws.</summary>
public readonly record struct AspectRatio(int Width, int Height)
{
    private const int TermMax = 100;
    private const int Multiple = 16;

    /// <summary>What the names of resolutions mean, in pixels in all: 1K is 1024 x 1024, 4K is 3840 x 2160.</summary>
    public static IReadOnlyDictionary<string, long> Resolutions { get; } = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["1K"] = 1024 * 1024,
        ["2K"] = 2048 * 2048,
        ["4K"] = 3840 * 2160,
    };

    public static bool TryParse(string text, out AspectRatio ratio)
    {
        ratio = default;
        var terms = text.Split(':');
        if (terms.Length != 2 || !TryTerm(terms[0], out var width) || !TryTerm(terms[1], out var height)) return false;
        ratio = new(width, height);
        return true;
    }

    /// <summary>The size of this shape, with edges in multiples of 16, whose pixels come closest to <paramref name="pixels"/> among those that the model draws.</summary>
    /// <returns>Null if the model draws none of this shape near that many pixels.</returns>
    public ImageSize? SizeFor(ModelSpec model, long pixels)
    {
        var shape = (double)Width / Height;
        var same = this;
        var standard = ModelSpec.StandardSizes.FirstOrDefault(size => size.Width * same.Height == size.Height * same.Width);
        if (model.AnySize is not { } rule) return pixels == Resolutions["1K"] && standard != default ? standard : null;

        var width = Math.Min(Math.Sqrt(pixels * shape), Math.Min(rule.EdgeMax, rule.EdgeMax * shape));
        for (var edge = Nearest(width); edge > 0 && edge >= width * 0.8; edge -= Multiple)
        {
            var size = new ImageSize(edge, Nearest(edge / shape));
            if (size.Height > 0 && rule.Allows(size)) return size;
        }

        return null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}:{Height}");

    private static int Nearest(double edge) => (int)Math.Round(edge / Multiple, MidpointRounding.AwayFromZero) * Multiple;

    private static bool TryTerm(string text, out int term) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out term) && term is > 0 and < TermMax;
}
