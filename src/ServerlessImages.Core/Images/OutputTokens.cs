namespace ServerlessImages.Images;

/// <summary>How many output tokens an image of a size and quality takes.</summary>
public abstract record OutputTokens
{
    /// <summary>The upper bound for <paramref name="count"/> images, rounded up once for all of them.</summary>
    public abstract long For(ImageSize size, ImageQuality quality, int count);

    /// <summary>
    /// The formula of OpenAI's price calculator for gpt-image-2 and 2.5: a grid of patches whose long edge has a fixed number of cells,
    /// weighted with the pixels: count · cells · round(cells · short/long) · (2,000,000 + pixels) / 4,000,000.
    /// </summary>
    public sealed record Grid(IReadOnlyDictionary<ImageQuality, int> LongEdgeCells) : OutputTokens
    {
        public override long For(ImageSize size, ImageQuality quality, int count)
        {
            var longCells = LongEdgeCells[quality];
            var shortCells = RoundHalfEven((long)longCells * size.ShortEdge, size.LongEdge);
            return Ceiling(checked(count * longCells * shortCells * (2_000_000 + size.Pixels)), 4_000_000);
        }
    }

    /// <summary>Published per image price ÷ output rate, rounded up, for models whose formula is not published; sizes as in OpenAI's price list.</summary>
    public sealed record Table(IReadOnlyDictionary<ImageSize, IReadOnlyDictionary<ImageQuality, long>> PerImage) : OutputTokens
    {
        public override long For(ImageSize size, ImageQuality quality, int count) => checked(PerImage[size][quality] * count);
    }

    private static long Ceiling(long numerator, long denominator) => (numerator + denominator - 1) / denominator;

    private static long RoundHalfEven(long numerator, long denominator)
    {
        var (quotient, remainder) = Math.DivRem(numerator, denominator);
        var twice = 2 * remainder;
        return twice > denominator || (twice == denominator && quotient % 2 == 1) ? quotient + 1 : quotient;
    }
}
