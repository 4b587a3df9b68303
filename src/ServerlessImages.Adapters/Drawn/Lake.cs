using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>Still water in front of the far hills, with the light of the sky broken on it.</summary>
internal static class Lake
{
    public static void Draw(SKCanvas canvas, Frame frame, Palette palette, float shore, PaintingRandom random)
    {
        DrawWater(canvas, frame, palette, shore);
        DrawGlints(canvas, frame, palette, shore, random);
    }

    private static void DrawWater(SKCanvas canvas, Frame frame, Palette palette, float shore)
    {
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(0, shore), new SKPoint(0, shore + ((frame.Height - shore) * 0.6f)), [Palette.Mix(palette.Haze, palette.Far, 0.25f), Palette.Mix(palette.Sky, palette.Near, 0.45f)], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader };
        canvas.DrawRect(new SKRect(0, shore, frame.Width, frame.Height), paint);
    }

    private static void DrawGlints(SKCanvas canvas, Frame frame, Palette palette, float shore, PaintingRandom random)
    {
        using var paint = new SKPaint { IsAntialias = true };
        for (var glint = 0; glint < 60; glint++)
        {
            var depth = MathF.Pow(random.Next(), 1.6f);
            var length = frame.Unit * (0.02f + (0.16f * depth)) * random.Between(0.3f, 1);
            var thickness = frame.Unit * (0.0012f + (0.004f * depth));
            paint.Color = Palette.Faded(palette.Sun, random.Between(0.08f, 0.38f) * (1 - (0.5f * depth)));
            canvas.DrawRoundRect((frame.Width * random.Next()) - (length / 2), shore + (frame.Unit * 0.3f * depth), length, thickness, thickness / 2, thickness / 2, paint);
        }
    }
}
