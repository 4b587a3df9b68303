using ServerlessImages.Images;
using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>
/// Draws a real picture without any model: a landscape that the prompt decides, with the prompt's words on it.
/// Deterministic, and safe for concurrent use.
/// </summary>
public sealed class Painter
{
    private const int EdgeMax = 16_383;

    /// <summary>A partial image has at least this share of the pixels along each edge.</summary>
    private const double CoarsestScale = 1.0 / 48;

    /// <returns>A picture of exactly the size and format that were asked for.</returns>
#pragma warning disable CA1822 // A painter is passed around; that today's holds nothing is its own matter.
    public ReadOnlyMemory<byte> Paint(Painting painting)
#pragma warning restore CA1822
    {
        ArgumentNullException.ThrowIfNull(painting);
        if (painting.Size is not { ShortEdge: >= 1, LongEdge: <= EdgeMax }) throw new ArgumentOutOfRangeException(nameof(painting), painting.Size, $"Each edge is 1 to {EdgeMax} pixels.");

        using var surface = NewSurface(painting.Size, IsClear(painting));
        if (painting.Completeness >= 1) Compose(surface.Canvas, painting);
        else ComposeCoarsely(surface.Canvas, painting);
        return PictureEncoder.Encode(surface, painting.Format, painting.Compression);
    }

    private static void Compose(SKCanvas canvas, Painting painting)
    {
        var random = new PaintingRandom(painting.Prompt, painting.Variation);
        var palette = random.Pick(Palette.All);
        var frame = new Frame(painting.Size.Width, painting.Size.Height, Horizon: random.Between(0.46f, 0.58f));

        canvas.Clear(SKColors.Transparent);
        canvas.Save();
        if (IsClear(painting)) Emblem.Clip(canvas, frame);
        Sky.Draw(canvas, frame, palette, random);
        Land.Draw(canvas, frame, palette, random);
        Lettering.Draw(canvas, frame, palette, painting.Prompt);
        if (painting.Completeness >= 1) Grain.Draw(canvas, frame);
        canvas.Restore();
    }

    /// <summary>Draws few pixels and spreads them: soft at first, sharper with each partial image, as the model's own are.</summary>
    private static void ComposeCoarsely(SKCanvas canvas, Painting painting)
    {
        var scale = Math.Max(CoarsestScale, 0.25 * painting.Completeness * painting.Completeness);
        var width = Math.Max(1, (int)(painting.Size.Width * scale));
        var height = Math.Max(1, (int)(painting.Size.Height * scale));
        using var coarse = NewSurface(new(width, height), IsClear(painting));
        coarse.Canvas.Scale((float)width / painting.Size.Width, (float)height / painting.Size.Height);
        Compose(coarse.Canvas, painting);
        using var image = coarse.Snapshot();
        canvas.DrawImage(image, new SKRect(0, 0, painting.Size.Width, painting.Size.Height), new SKSamplingOptions(SKCubicResampler.Mitchell), null);
    }

    private static bool IsClear(Painting painting) => painting is { Transparent: true, Format: not ImageFormat.Jpeg };

    private static SKSurface NewSurface(ImageSize size, bool clear) =>
        SKSurface.Create(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, clear ? SKAlphaType.Premul : SKAlphaType.Opaque))
        ?? throw new InvalidOperationException($"No surface of {size} pixels could be made.");
}
