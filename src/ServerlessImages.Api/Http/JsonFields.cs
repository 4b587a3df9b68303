using System.Runtime.InteropServices;
using System.Text.Json;

namespace ServerlessImages.Api.Http;

/// <summary>The members of a JSON object.</summary>
internal sealed class JsonFields : RequestFields
{
    /// <summary>32,000 characters of prompt, each escaped.</summary>
    private const int TextBytesMax = 256 * 1024;

    private readonly Dictionary<string, JsonElement> members;

    public JsonFields(JsonElement json) => members = json.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    protected override IEnumerable<string> Names => members.Keys;

    /// <summary>A member that the caller reads itself.</summary>
    public JsonElement? Element(string name) => Has(name) ? members[name] : null;

    /// <summary>A member in a form of its own, or null if it is absent.</summary>
    /// <param name="parse">Throws a <see cref="JsonException"/> at what is not of that form.</param>
    public T? Parsed<T>(string name, string expected, Func<JsonElement, T> parse)
        where T : class
    {
        if (!Has(name)) return null;
        try
        {
            return parse(members[name]);
        }
        catch (JsonException)
        {
            Wrong(name, expected);
            return null;
        }
    }

    protected override bool Contains(string name) => members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    protected override string? TextOf(string name) => Text(members[name]);

    protected override long? LongOf(string name) => members[name].ValueKind == JsonValueKind.Number && members[name].TryGetInt64(out var value) ? value : null;

    protected override bool? FlagOf(string name) => members[name].ValueKind is JsonValueKind.True or JsonValueKind.False ? members[name].GetBoolean() : null;

    protected override IReadOnlyDictionary<string, string>? MapOf(string name)
    {
        if (members[name].ValueKind != JsonValueKind.Object) return null;
        var map = members[name].EnumerateObject().ToDictionary(member => member.Name, member => Text(member.Value) ?? "", StringComparer.Ordinal);
        return map;
    }

    /// <summary>Some of these words, each once; null if it is absent.</summary>
    public IReadOnlyList<string>? Words(string name, IReadOnlyList<string> allowed)
    {
        if (!Has(name)) return null;
        var sent = members[name].ValueKind == JsonValueKind.Array ? members[name].EnumerateArray().Select(Text).ToArray() : [];
        if (sent.Length > 0 && sent.All(word => word is not null && allowed.Contains(word)) && sent.Distinct(StringComparer.Ordinal).Count() == sent.Length) return sent!;
        Wrong(name, "a list of some of " + string.Join(", ", allowed.Select(each => $"'{each}'")));
        return null;
    }

    /// <summary>The same, or <c>[none]</c> alone, which is an empty list.</summary>
    public IReadOnlyList<string>? Words(string name, IReadOnlyList<string> allowed, string none)
    {
        if (!Has(name)) return null;
        var isNone = members[name].ValueKind == JsonValueKind.Array && members[name].GetArrayLength() == 1 && Text(members[name][0]) == none;
        return isNone ? [] : Words(name, allowed);
    }

    /// <summary>A list of 1 to <paramref name="countMax"/> values; null if it is absent.</summary>
    /// <param name="read">Null for what is none of them.</param>
    public IReadOnlyList<T>? List<T>(string name, int countMax, Func<JsonElement, T?> read, string expected)
        where T : class
    {
        if (!Has(name)) return null;
        var sent = members[name].ValueKind == JsonValueKind.Array ? members[name].EnumerateArray().Take(countMax + 1).Select(read).ToArray() : [];
        if (sent.Length > 0 && sent.Length <= countMax && sent.All(value => value is not null)) return sent!;
        Wrong(name, $"a list of 1 to {countMax} {expected}");
        return null;
    }

    /// <returns>Null for what is no text, or longer than any field may be: a body with images can be a hundred times that.</returns>
    public static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || JsonMarshal.GetRawUtf8Value(value).Length > TextBytesMax) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape is JSON but not text.
            return null;
        }
    }
}
