using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>Everything above the horizon: the gradient, what shines, and what floats.</summary>
internal static class Sky
{
    public static void Draw(SKCanvas canvas, Frame frame, Palette palette, PaintingRandom random)
    {
        DrawAir(canvas, frame, palette);
        if (palette.Night) DrawStars(canvas, frame, palette, random);

        var sun = new SKPoint(frame.Width * random.Between(0.22f, 0.78f), frame.HorizonY - (frame.Unit * random.Between(0.15f, 0.3f)));
        var radius = frame.Unit * random.Between(0.07f, palette.Night ? 0.1f : 0.15f);
        DrawGlow(canvas, frame, palette, sun, radius * 5.5f);
        if (random.Chance(0.45f)) DrawHalos(canvas, frame, palette, sun, radius);
        DrawDisc(canvas, palette, sun, radius);

        DrawClouds(canvas, frame, palette, random);
        if (!palette.Night && random.Chance(0.7f)) DrawBirds(canvas, frame, palette, random);
    }

    private static void DrawAir(SKCanvas canvas, Frame frame, Palette palette)
    {
        using var shader = SKShader.CreateLinearGradient(
            default, new SKPoint(0, frame.HorizonY + (0.08f * frame.Height)), [palette.Zenith, palette.Sky, palette.Haze], [0, 0.55f, 1], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader };
        canvas.DrawRect(frame.Bounds, paint);
    }

    private static void DrawStars(SKCanvas canvas, Frame frame, Palette palette, PaintingRandom random)
    {
        using var paint = new SKPaint { IsAntialias = true };
        for (var star = 0; star < 170; star++)
        {
            var height = random.Next();
            paint.Color = Palette.Faded(palette.Sun, random.Between(0.25f, 0.95f) * (1 - height));
            canvas.DrawCircle(frame.Width * random.Next(), frame.HorizonY * height, frame.Unit * random.Between(0.0007f, 0.0022f), paint);
        }
    }

    private static void DrawGlow(SKCanvas canvas, Frame frame, Palette palette, SKPoint sun, float reach)
    {
        var strength = palette.Night ? 0.3f : 0.62f;
        using var shader = SKShader.CreateRadialGradient(
            sun, reach, [Palette.Faded(palette.Sun, strength), Palette.Faded(palette.Sun, strength * 0.28f), palette.Sun.WithAlpha(0)], [0, 0.38f, 1], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader };
        canvas.DrawRect(frame.Bounds, paint);
    }

    private static void DrawHalos(SKCanvas canvas, Frame frame, Palette palette, SKPoint sun, float radius)
    {
        using var paint = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = Math.Max(0.5f, frame.Unit * 0.0016f) };
        for (var halo = 1; halo <= 6; halo++)
        {
            paint.Color = Palette.Faded(palette.Sun, 0.38f - (0.055f * halo));
            canvas.DrawCircle(sun, radius * (1 + (0.34f * halo)), paint);
        }
    }

    private static void DrawDisc(SKCanvas canvas, Palette palette, SKPoint sun, float radius)
    {
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(0, sun.Y - radius), new SKPoint(0, sun.Y + radius), [palette.Sun, Palette.Mix(palette.Sun, palette.Haze, palette.Night ? 0.3f : 0.7f)], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { IsAntialias = true, Shader = shader };
        canvas.DrawCircle(sun, radius, paint);
    }

    private static void DrawClouds(SKCanvas canvas, Frame frame, Palette palette, PaintingRandom random)
    {
        using var paint = new SKPaint { IsAntialias = true };
        var clouds = (int)(random.Between(3, 7) * frame.Width / frame.Unit);
        for (var cloud = 0; cloud < clouds; cloud++)
        {
            var middle = new SKPoint(frame.Width * random.Next(), frame.HorizonY * random.Between(0.12f, 0.85f));
            paint.Color = Palette.Faded(palette.Sun, random.Between(0.1f, 0.24f));
            using var outline = Cloud(middle, frame.Unit, random);
            canvas.DrawPath(outline, paint);
        }
    }

    /// <summary>Long bars on top of each other, as one shape: where two bars meet nothing shines twice.</summary>
    private static SKPath Cloud(SKPoint middle, float unit, PaintingRandom random)
    {
        using var bars = new SKPathBuilder();
        var bar = unit * random.Between(0.007f, 0.013f);
        for (var row = 0; row < 4; row++)
        {
            var length = unit * random.Between(0.06f, 0.3f) * (1 - (0.2f * Math.Abs(row - 1)));
            var left = middle.X - (length * random.Between(0.3f, 0.7f));
            var top = middle.Y + (row * bar);
            bars.AddRoundRect(new SKRoundRect(new SKRect(left, top, left + length, top + (bar * 1.02f)), bar / 2));
        }

        return bars.Detach();
    }

    private static void DrawBirds(SKCanvas canvas, Frame frame, Palette palette, PaintingRandom random)
    {
        using var paint = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeCap = SKStrokeCap.Round, StrokeWidth = frame.Unit * 0.0026f, Color = Palette.Faded(palette.Near, 0.75f) };
        var flock = new SKPoint(frame.Width * random.Between(0.15f, 0.8f), frame.HorizonY * random.Between(0.3f, 0.6f));
        var birds = (int)random.Between(3, 8);
        for (var bird = 0; bird < birds; bird++)
        {
            var at = flock + new SKPoint(frame.Unit * random.Between(-0.1f, 0.1f), frame.Unit * random.Between(-0.05f, 0.05f));
            var wing = frame.Unit * random.Between(0.008f, 0.016f);
            canvas.DrawArc(new SKRect(at.X - (2 * wing), at.Y - (0.5f * wing), at.X, at.Y + (1.2f * wing)), 215, 120, false, paint);
            canvas.DrawArc(new SKRect(at.X, at.Y - (0.5f * wing), at.X + (2 * wing), at.Y + (1.2f * wing)), 205, 120, false, paint);
        }
    }
}
