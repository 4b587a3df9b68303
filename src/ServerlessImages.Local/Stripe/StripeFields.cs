using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>The fields of a call, from the query or the form: names with brackets, such as <c>metadata[account]</c>.</summary>
internal sealed class StripeFields(IEnumerable<KeyValuePair<string, string>> fields)
{
    private readonly Dictionary<string, string> byName = new(fields, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> All => byName;

    public string? Text(string name) => byName.GetValueOrDefault(name);

    public string Required(string name) => Text(name) is { Length: > 0 } text ? text : throw StripeError.Invalid($"Missing required param: {name}.", name);

    public long? Number(string name)
    {
        if (Text(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw StripeError.Invalid($"Invalid integer: {text}", name);
    }

    public long RequiredNumber(string name) => Number(name) ?? throw StripeError.Invalid($"Missing required param: {name}.", name);

    /// <summary>Stripe's amounts have 12 decimal places at most.</summary>
    public decimal? Decimal(string name)
    {
        if (Text(name) is not { } text) return null;
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && decimal.Round(number, 12) == number
            ? number
            : throw StripeError.Invalid($"Invalid decimal: {text}; must contain at maximum twelve decimal places", name);
    }

    public bool Flag(string name) => Text(name) == "true";

    /// <summary>Whether a field, or a part of it, was sent.</summary>
    public bool Has(string name) => byName.ContainsKey(name) || Part(name).byName.Count > 0;

    /// <summary>One of some words.</summary>
    public string Choice(string name, string standard, params ReadOnlySpan<string> words)
    {
        var text = Text(name) ?? standard;
        return words.Contains(text) ? text : throw StripeError.Invalid($"Invalid {name}: must be one of {string.Join(", ", words!)}", name);
    }

    /// <summary>The members of an object: <c>recurring[meter]</c> of <c>recurring</c> is <c>meter</c>.</summary>
    public StripeFields Part(string name)
    {
        var start = name + "[";
        return new(byName.Where(each => each.Key.StartsWith(start, StringComparison.Ordinal)).Select(each => KeyValuePair.Create(WithoutFirst(each.Key[start.Length..]), each.Value)));
    }

    /// <summary>The objects of a list: <c>items[0][price]</c> is the first's <c>price</c>.</summary>
    public IReadOnlyList<StripeFields> Each(string name)
    {
        var part = Part(name);
        return [.. part.byName.Keys.Select(each => each.Split('[')[0]).Distinct(StringComparer.Ordinal).Select(part.Part)];
    }

    /// <summary>The members of a map of words, such as <c>metadata</c>.</summary>
    public JsonObject Map(string name) => new(Part(name).byName.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value)));

    /// <summary>The items of a list of words: <c>types[0]</c>, <c>types[1]</c> and so on.</summary>
    public IReadOnlyList<string> List(string name) => [.. Part(name).byName.Values];

    /// <summary>The same fields in the same order, for comparison.</summary>
    public override string ToString() => string.Join('&', byName.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Key}={each.Value}"));

    /// <summary><c>a][b]</c> is <c>a[b]</c>.</summary>
    private static string WithoutFirst(string rest)
    {
        var end = rest.IndexOf(']', StringComparison.Ordinal);
        return end < 0 ? rest : rest.Remove(end, 1);
    }
}
