namespace ServerlessImages.Images;

/// <summary>What a public model can do: data, from <c>models.json</c>.</summary>
public sealed record ModelSpec
{
    /// <summary>The public id, as clients send it. Starts with <c>gpt-image-</c>: the Vercel AI SDK treats other ids differently.</summary>
    public required string Id { get; init; }

    /// <summary>Other ids that callers may send for it, such as the dated ones. Answers and entries always say <see cref="Id"/>.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    public required DateOnly Created { get; init; }

    /// <summary>When the deployments behind it retire.</summary>
    public DateOnly? ShutdownDate { get; init; }

    /// <summary>From when on callers are warned of the shutdown: a day of its own, or 90 days before.</summary>
    public DateOnly? DeprecationDate { get; init; }

    /// <summary>Without <c>auto</c>, cheapest first.</summary>
    public required IReadOnlyList<ImageQuality> Qualities { get; init; }

    public required IReadOnlyList<ImageFormat> Formats { get; init; }

    /// <summary>Without <c>auto</c>.</summary>
    public required IReadOnlyList<ImageBackground> Backgrounds { get; init; }

    /// <summary>What an edit may say about fidelity; empty where the model has no such choice.</summary>
    public IReadOnlyList<InputFidelity> InputFidelities { get; init; } = [];

    /// <summary>Whether an edit may bring a markup.</summary>
    public bool TakesMarkup { get; init; }

    /// <summary>The rule for any size, or null where only the <see cref="StandardSizes"/> are drawn.</summary>
    public SizeRule? AnySize { get; init; }

    public required OutputTokens OutputTokens { get; init; }

    public required IReadOnlyDictionary<ImageQuality, TimeSpan> ExpectedTime { get; init; }

    /// <summary>The sizes that every model draws, and among which <c>auto</c> is priced.</summary>
    public static IReadOnlyList<ImageSize> StandardSizes { get; } = [new(1024, 1024), new(1536, 1024), new(1024, 1536)];

    public bool IsCalled(string name) => name == Id || Aliases.Contains(name);

    public bool Draws(ImageSize size) => StandardSizes.Contains(size) || (AnySize?.Allows(size) ?? false);

    /// <summary><c>auto</c> counts as the best of the ordinary qualities: what the model may choose, and what a hold has to cover.</summary>
    public static ImageQuality AtMost(ImageQuality quality) => quality == ImageQuality.Auto ? ImageQuality.High : quality;
}

/// <summary>Bounds on width and height, in pixels.</summary>
/// <param name="MultipleOf">Both edges are multiples of it.</param>
/// <param name="RatioMax">The long edge is at most this many times the short one.</param>
public sealed record SizeRule(int MultipleOf, int RatioMax, int EdgeMax, long PixelsMin, long PixelsMax)
{
    public bool Allows(ImageSize size) =>
        size.Width % MultipleOf == 0 && size.Height % MultipleOf == 0
        && size.LongEdge <= EdgeMax && size.LongEdge <= (long)RatioMax * size.ShortEdge
        && size.Pixels >= PixelsMin && size.Pixels <= PixelsMax;

    public override string ToString() =>
        $"both edges multiples of {MultipleOf}, at most {EdgeMax} pixels, at most {RatioMax}:1, and {PixelsMin:N0} to {PixelsMax:N0} pixels in all";
}
