using System.Globalization;

namespace ServerlessImages.Api.Http;

/// <summary>The text parts of a multipart form. A map is <c>tags[name]</c> for each of its entries.</summary>
internal sealed class FormFields(IReadOnlyDictionary<string, string> parts) : RequestFields
{
    protected override IEnumerable<string> Names => parts.Keys.Select(NameOf);

    protected override bool Contains(string name) => parts.ContainsKey(name) || parts.Keys.Any(part => part != name && NameOf(part) == name);

    protected override string? TextOf(string name) => parts.GetValueOrDefault(name);

    protected override long? LongOf(string name) => long.TryParse(TextOf(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    protected override bool? FlagOf(string name) => TextOf(name) switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    protected override IReadOnlyDictionary<string, string>? MapOf(string name)
    {
        if (parts.ContainsKey(name)) return null;
        return parts.Where(part => NameOf(part.Key) == name).ToDictionary(part => part.Key[(name.Length + 1)..^1], part => part.Value, StringComparer.Ordinal);
    }

    /// <summary><c>tags[project]</c> belongs to <c>tags</c>.</summary>
    private static string NameOf(string part)
    {
        var bracket = part.IndexOf('[', StringComparison.Ordinal);
        return bracket > 0 && part.EndsWith(']') ? part[..bracket] : part;
    }
}
