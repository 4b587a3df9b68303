using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>Conifers along a row of hills, in groves, in the colour of their hill.</summary>
internal static class Forest
{
    private const int Tiers = 4;

    public static void Draw(SKCanvas canvas, Hills hills, SKColor color, float nearness, PaintingRandom random)
    {
        var unit = hills.Frame.Unit;
        var groves = new Ridge(random, rockiness: 0, hillsPerUnit: 5);
        using var trees = new SKPathBuilder();
        for (float x = 0; x < hills.Frame.Width; x += unit * random.Between(0.004f, 0.013f) * (0.6f + nearness))
        {
            if (groves.HeightAt(x / unit) < 0.5f) continue;
            var height = unit * random.Between(0.018f, 0.05f) * (0.4f + nearness);
            AddTree(trees, x, hills.TopAt(x) + (0.1f * height), height);
        }

        using var paint = new SKPaint { IsAntialias = true, Color = color };
        using var path = trees.Detach();
        canvas.DrawPath(path, paint);
    }

    private static void AddTree(SKPathBuilder trees, float x, float foot, float height)
    {
        var spread = height * 0.22f;
        trees.MoveTo(x, foot - height);
        for (var tier = 1; tier <= Tiers; tier++) AddTier(trees, x, foot, height, spread, tier, side: 1);
        for (var tier = Tiers; tier >= 1; tier--) AddTier(trees, x, foot, height, spread, tier, side: -1);
        trees.Close();
    }

    /// <summary>A branch and the notch above or below it; on the way down the right side, on the way up the left.</summary>
    private static void AddTier(SKPathBuilder trees, float x, float foot, float height, float spread, int tier, int side)
    {
        var share = (float)tier / Tiers;
        var branch = new SKPoint(x + (side * spread * share), foot - (height * (1 - share)));
        var notch = new SKPoint(x + (side * spread * share * 0.5f), branch.Y);
        trees.LineTo(side > 0 ? branch : notch);
        trees.LineTo(side > 0 ? notch : branch);
    }
}
