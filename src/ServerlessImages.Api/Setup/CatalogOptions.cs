namespace ServerlessImages.Api.Setup;

/// <summary>Where the product's data comes from. Each file replaces the shipped one whole.</summary>
public sealed class CatalogOptions
{
    public const string Section = "Catalog";

    /// <summary>A file in the form of <c>models.json</c>.</summary>
    /// <value>Default: the shipped models.</value>
    public string? ModelsFile { get; init; }

    /// <summary>A file in the form of <c>prices.json</c>.</summary>
    /// <value>Default: the shipped prices.</value>
    public string? PricesFile { get; init; }

    /// <summary>A file in the form of <c>plans.json</c>.</summary>
    /// <value>Default: the shipped plans.</value>
    public string? PlansFile { get; init; }

    /// <summary>A file in the form of <c>ladder.json</c>.</summary>
    /// <value>Default: the shipped ladder.</value>
    public string? LadderFile { get; init; }

    /// <summary>A file in the form of <c>blocklist.json</c>.</summary>
    /// <value>Default: the shipped list.</value>
    public string? BlockListFile { get; init; }
}
