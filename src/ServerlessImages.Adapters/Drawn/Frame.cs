using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>The rectangle that is drawn into, in pixels.</summary>
/// <param name="Horizon">Where the sky ends, as a share of the height.</param>
internal readonly record struct Frame(float Width, float Height, float Horizon)
{
    /// <summary>Lengths are shares of it, so that a drawing looks alike at every size.</summary>
    public float Unit => Math.Min(Width, Height);

    public float HorizonY => Height * Horizon;
    public SKRect Bounds => new(0, 0, Width, Height);
}
