using System.Text;
using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>The font that is shipped inside this assembly: a machine in the cloud has none. Its licence is in <c>Fonts/LICENSE.txt</c>.</summary>
internal static class PaintingFont
{
    private const string Resource = "Manrope-SemiBold.ttf";
    private static readonly SKTypeface Typeface = Load();
    private static readonly SKFont Glyphs = OfSize(1);

    /// <param name="size">In pixels.</param>
    public static SKFont OfSize(float size) => new(Typeface, size) { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };

    public static bool Has(Rune rune) => Glyphs.ContainsGlyph(rune.Value);

    private static SKTypeface Load()
    {
        using var stream = typeof(PaintingFont).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The font {Resource} is not embedded.");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException($"The font {Resource} cannot be read.");
    }
}
