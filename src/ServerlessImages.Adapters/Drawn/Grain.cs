using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>
/// A faint grain that hides the steps of the gradients. It repeats every few pixels sideways,
/// so that PNG's compression finds it again: free noise would double the file and the time.
/// </summary>
internal static class Grain
{
    private const int Tile = 128;
    private static readonly SKBitmap Speckles = MakeSpeckles();

    public static void Draw(SKCanvas canvas, Frame frame)
    {
        using var shader = SKShader.CreateBitmap(Speckles, SKShaderTileMode.Repeat, SKShaderTileMode.Repeat);
        using var paint = new SKPaint { Shader = shader, BlendMode = SKBlendMode.SrcATop };
        canvas.DrawRect(frame.Bounds, paint);
    }

    private static SKBitmap MakeSpeckles()
    {
        var random = new PaintingRandom("grain", 0);
        var bitmap = new SKBitmap(new SKImageInfo(Tile, Tile, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (var y = 0; y < Tile; y++)
        {
            for (var x = 0; x < Tile; x++)
            {
                var light = (byte)(random.Chance(0.5f) ? 255 : 0);
                bitmap.SetPixel(x, y, new SKColor(light, light, light, (byte)(random.Next() * 5)));
            }
        }

        bitmap.SetImmutable();
        return bitmap;
    }
}
