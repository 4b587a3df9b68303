using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>The shape of a picture with a transparent background: a rounded plate with nothing around it.</summary>
internal static class Emblem
{
    public static void Clip(SKCanvas canvas, Frame frame)
    {
        var plate = frame.Bounds;
        plate.Inflate(-0.02f * frame.Unit, -0.02f * frame.Unit);
        using var shape = new SKRoundRect(plate, 0.12f * frame.Unit);
        canvas.ClipRoundRect(shape, SKClipOperation.Intersect, antialias: true);
    }
}
