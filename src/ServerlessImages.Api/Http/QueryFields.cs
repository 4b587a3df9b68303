using System.Globalization;

namespace ServerlessImages.Api.Http;

/// <summary>The parameters of a query. A parameter that comes twice is no text. Azure's <c>api-version</c> may be there, and changes nothing.</summary>
internal sealed class QueryFields(IQueryCollection query) : RequestFields
{
    protected override IEnumerable<string> Names => query.Keys.Where(name => name != "api-version");

    public IEnumerable<string> NamesWith(string start) => Names.Where(name => name.StartsWith(start, StringComparison.Ordinal));

    public long? Long(string name, long max)
    {
        if (!Has(name)) return null;
        if (LongOf(name) is { } value && value <= max) return value;
        Wrong(name, $"a whole number from 0 to {max}");
        return null;
    }

    /// <summary>A text that may be empty, or null if it is absent.</summary>
    public string? OptionalText(string name, int charactersMax)
    {
        if (!Has(name)) return null;
        return TextOf(name) is { } text && text.Length <= charactersMax ? text : Wrong(name, $"one string of at most {charactersMax} characters");
    }

    /// <summary>A list with commas, each item once; empty if it is absent.</summary>
    public IReadOnlyList<T> List<T>(string name, int itemsMax, Func<string, T?> parse, string expected)
        where T : class
    {
        if (!Has(name)) return [];
        var items = TextOf(name)?.Split(',').Select(parse).Distinct().ToArray() ?? [];
        if (items.Length is > 0 && items.Length <= itemsMax && items.Length == TextOf(name)!.Split(',').Length && items.All(item => item is not null)) return items!;
        Wrong(name, expected);
        return [];
    }

    // The framework compares names without regard to case, this API does not.
    protected override bool Contains(string name) => query.Keys.Contains(name, StringComparer.Ordinal);

    protected override string? TextOf(string name) => query[name] is [{ } only] ? only : null;

    protected override long? LongOf(string name) => long.TryParse(TextOf(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    protected override bool? FlagOf(string name) => TextOf(name) switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    protected override IReadOnlyDictionary<string, string>? MapOf(string name) => null;
}
