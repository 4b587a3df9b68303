namespace ServerlessImages.Images;

/// <summary>A request and the terms on which its caller wants it.</summary>
public sealed record ImageOrder(ImageRequest Request)
{
    public const int TagsMax = 10;
    public const int TagCharactersMax = 64;

    /// <summary>The same key and request give the same answer and one charge, for 72 hours; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Refused where the quote is higher; changes nothing else.</summary>
    public Money? MaxPrice { get; init; }

    /// <summary>A quote that was given before, or null.</summary>
    public string? QuoteId { get; init; }

    public Retention Retention { get; init; }

    /// <summary>Answer with signed addresses of the images instead of their bytes.</summary>
    public bool AsUrls { get; init; }

    /// <summary>The caller's own words for reports, at most <see cref="TagsMax"/> of at most <see cref="TagCharactersMax"/> characters.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The caller's own customer. Recorded with the charge; goes upstream only as a keyed hash.</summary>
    public string? EndUser { get; init; }
}

/// <summary>How long the answer and its images are kept.</summary>
public enum Retention
{
    /// <summary>For 72 hours.</summary>
    Default,

    /// <summary>Until they are deleted (<c>store: true</c>).</summary>
    Kept,

    /// <summary>Until the answer has been written out (<c>store: false</c>).</summary>
    Dropped,
}
