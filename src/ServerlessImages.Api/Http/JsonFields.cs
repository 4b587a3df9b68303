using System.Text.Json;

namespace ServerlessImages.Api.Http;

/// <summary>The members of a JSON object.</summary>
internal sealed class JsonFields : RequestFields
{
    private readonly Dictionary<string, JsonElement> members;

    public JsonFields(JsonElement json) => members = json.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    protected override IEnumerable<string> Names => members.Keys;

    /// <summary>A member that the caller reads itself.</summary>
    public JsonElement? Element(string name) => Has(name) ? members[name] : null;

    protected override bool Contains(string name) => members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    protected override string? TextOf(string name) => Text(members[name]);

    protected override int? IntegerOf(string name) => members[name].ValueKind == JsonValueKind.Number && members[name].TryGetInt32(out var value) ? value : null;

    protected override bool? FlagOf(string name) => members[name].ValueKind is JsonValueKind.True or JsonValueKind.False ? members[name].GetBoolean() : null;

    protected override IReadOnlyDictionary<string, string>? MapOf(string name)
    {
        if (members[name].ValueKind != JsonValueKind.Object) return null;
        var map = members[name].EnumerateObject().ToDictionary(member => member.Name, member => Text(member.Value) ?? "", StringComparer.Ordinal);
        return map;
    }

    private static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return null;
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
