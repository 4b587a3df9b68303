using System.Globalization;
using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Revenue;

/// <summary>How many images were delivered of each size and quality that was asked for: what flat prices are by.</summary>
/// <param name="Text">A JSON object of counts by <c>1024x1024 low</c>, names in ordinal order; or "".</param>
public readonly record struct ImageKinds(string Text)
{
    /// <summary>Any size but the standard ones and <c>auto</c>: models that draw every size would else have a kind for each.</summary>
    public const string OtherSize = "other";

    public static ImageKinds None { get; } = new("");

    public IReadOnlyDictionary<string, long> Counts => Text is { Length: > 0 } ? JsonSerializer.Deserialize<Dictionary<string, long>>(Text)! : new Dictionary<string, long>();

    public static ImageKinds Of(RequestSummary asked, int images) => images == 0 ? None : Write(new(StringComparer.Ordinal) { [$"{SizeOf(asked.Size)} {asked.Quality}"] = images });

    public ImageKinds Add(ImageKinds other, int sign)
    {
        if (string.IsNullOrEmpty(other.Text)) return this;
        var sums = new SortedDictionary<string, long>(Counts.ToDictionary(), StringComparer.Ordinal);
        foreach (var (kind, count) in other.Counts) sums[kind] = checked(sums.GetValueOrDefault(kind) + (sign * count));
        return Write(new(sums.Where(each => each.Value != 0).ToDictionary(), StringComparer.Ordinal));
    }

    private static ImageKinds Write(SortedDictionary<string, long> counts) => counts.Count == 0 ? None : new(JsonSerializer.Serialize(counts));

    private static string SizeOf(string asked) => asked == "auto" || ModelSpec.StandardSizes.Any(size => string.Create(CultureInfo.InvariantCulture, $"{size.Width}x{size.Height}") == asked) ? asked : OtherSize;
}
