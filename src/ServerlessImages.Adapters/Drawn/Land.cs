using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>Hills behind hills, each darker and clearer than the one behind it; on some a forest, between some a lake.</summary>
internal static class Land
{
    private const int Rows = 7;

    public static void Draw(SKCanvas canvas, Frame frame, Palette palette, PaintingRandom random)
    {
        var rockiness = random.Between(0.15f, 1);
        var forested = random.Chance(0.7f);
        var lakeAfter = random.Chance(0.5f) ? 2 : -1;
        for (var row = 0; row < Rows; row++)
        {
            // The water takes the place of the next row, which would hide it.
            if (lakeAfter >= 0 && row == lakeAfter + 1) continue;
            var nearness = row / (Rows - 1f);
            var ridge = new Ridge(random, rockiness * (1 - (0.75f * nearness)), random.Between(2.2f, 3.4f) - (0.9f * nearness));
            var hills = new Hills(frame, ridge, Foot(frame, nearness), frame.Unit * (0.3f - (0.2f * nearness)));
            DrawHills(canvas, hills, palette, nearness);
            if (forested && row is >= 3 and < Rows - 1) Forest.Draw(canvas, hills, palette.Hill(nearness), nearness, random);
            if (row == lakeAfter) Lake.Draw(canvas, frame, palette, Foot(frame, nearness), random);
        }
    }

    /// <summary>The rows come closer together towards the horizon, as real ones do.</summary>
    private static float Foot(Frame frame, float nearness) =>
        frame.HorizonY + ((frame.Height - frame.HorizonY) * (0.06f + (0.86f * MathF.Pow(nearness, 1.25f))));

    private static void DrawHills(SKCanvas canvas, Hills hills, Palette palette, float nearness)
    {
        var top = palette.Hill(nearness);
        var mist = Palette.Mix(top, palette.Haze, 0.55f * (1 - nearness));
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(0, hills.Foot - hills.Rise), new SKPoint(0, hills.Foot + (0.4f * hills.Rise)), [top, mist], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { IsAntialias = true, Shader = shader };
        using var outline = hills.Outline();
        canvas.DrawPath(outline, paint);
    }
}

/// <param name="Foot">Where the hills stand, in pixels from the top.</param>
/// <param name="Rise">How high the highest is, in pixels.</param>
internal readonly record struct Hills(Frame Frame, Ridge Ridge, float Foot, float Rise)
{
    public float TopAt(float x) => Foot - (Rise * Ridge.HeightAt(x / Frame.Unit));

    public SKPath Outline()
    {
        using var path = new SKPathBuilder();
        var step = Math.Max(1, Frame.Unit / 400);
        path.MoveTo(0, Frame.Height);
        for (float x = 0; x < Frame.Width + step; x += step) path.LineTo(x, TopAt(x));
        path.LineTo(Frame.Width + step, Frame.Height);
        path.Close();
        return path.Detach();
    }
}
