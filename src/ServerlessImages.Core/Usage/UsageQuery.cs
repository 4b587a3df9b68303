using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Usage;

/// <summary>Which usage, and how it is told apart.</summary>
/// <param name="From">The first hour.</param>
/// <param name="To">The first hour that is not meant any more; after <paramref name="From"/>.</param>
/// <param name="Filters">All of them have to fit.</param>
public sealed record UsageQuery(LedgerHour From, LedgerHour To, UsageBucket Bucket, IReadOnlyList<UsageDimension> GroupBy, IReadOnlyList<UsageFilter> Filters);

/// <summary>How time is cut, in UTC.</summary>
public enum UsageBucket
{
    Day,
    Hour,
    Month,
    All,
}

/// <summary>The value of a dimension that is asked for; "" for usage that has none.</summary>
public sealed record UsageFilter(UsageDimension Dimension, string Value)
{
    public bool Fits(UsageCombination combination) => Dimension.ValueOf(combination) == Value;
}

/// <summary>Something by which usage can be told apart.</summary>
/// <param name="Name">As it is asked for.</param>
public sealed record UsageDimension(string Name)
{
    private const string TagStart = "tag:";

    public static UsageDimension Model { get; } = new("model");
    public static UsageDimension Quality { get; } = new("quality");
    public static UsageDimension Key { get; } = new("key");
    public static UsageDimension EndUser { get; } = new("end_user");

    /// <summary>Which pot paid: <c>prepaid</c> or <c>postpaid</c>.</summary>
    public static UsageDimension Rail { get; } = new("rail");

    public static UsageDimension Tag(string name) => new(TagStart + name);

    /// <summary>The tag's name, or null for the others.</summary>
    public string? TagName => Name.StartsWith(TagStart, StringComparison.Ordinal) ? Name[TagStart.Length..] : null;

    /// <returns>"" where there is none.</returns>
    public string ValueOf(UsageCombination combination) => Name switch
    {
        "model" => combination.Model,
        "quality" => combination.Quality,
        "key" => combination.KeyId,
        "end_user" => combination.EndUser,
        "rail" => combination.Rail.ToWire(),
        _ => TagOf(combination),
    };

    public static bool TryParse(string name, out UsageDimension dimension)
    {
        dimension = new(name);
        return dimension.TagName is { } tag ? tag.Length > 0 : name is "model" or "quality" or "key" or "end_user" or "rail";
    }

    private string TagOf(UsageCombination combination)
    {
        using var tags = JsonDocument.Parse(combination.Tags);
        return tags.RootElement.TryGetProperty(TagName!, out var value) ? value.GetString()! : "";
    }
}
