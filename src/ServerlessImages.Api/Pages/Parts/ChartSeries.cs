namespace ServerlessImages.Api.Pages.Parts;

/// <param name="Values">One for each time; null where there is none. Bars of several series stand on each other.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<decimal?> Values);

public enum ChartKind
{
    Bars,
    Lines,
}

public enum ChartUnit
{
    Count,
    Dollars,
    Seconds,

    /// <summary>1 is all.</summary>
    Percent,
}
