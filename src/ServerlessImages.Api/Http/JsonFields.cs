using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Http;

/// <summary>
/// Reads the members of a JSON object one by one and keeps the first thing that is wrong; a member that nobody asked for is wrong too. Null counts as absent:
/// SDKs send it for what their caller left out.
/// </summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> members;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private ApiError? firstError;

    public JsonFields(JsonElement json) => members = json.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    public ApiError? FirstError => members.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown ? ApiError.UnknownParameter(Shown(unknown)) : firstError;

    public bool Has(string name)
    {
        known.Add(name);
        return members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>A string of 1 to <paramref name="charactersMax"/> UTF-16 characters.</summary>
    public string? Text(string name, int charactersMax)
    {
        if (!Has(name)) return null;
        var value = members[name].ValueKind == JsonValueKind.String && TryText(members[name], out var text) ? text : null;
        return value is { Length: > 0 } && value.Length <= charactersMax ? value : Wrong<string>(name, $"a string of 1 to {charactersMax} characters");
    }

    public int? Integer(string name, int min, int max)
    {
        if (!Has(name)) return null;
        var isInteger = members[name].ValueKind == JsonValueKind.Number && members[name].TryGetInt32(out var value) && value >= min && value <= max;
        if (isInteger) return members[name].GetInt32();
        Wrong<string>(name, $"a whole number from {min} to {max}");
        return null;
    }

    public bool Flag(string name)
    {
        if (!Has(name)) return false;
        if (members[name].ValueKind is JsonValueKind.True or JsonValueKind.False) return members[name].GetBoolean();
        Wrong<string>(name, "true or false");
        return false;
    }

    public T Word<T>(string name)
        where T : struct, Enum
    {
        if (!Has(name)) return default;
        if (members[name].ValueKind == JsonValueKind.String && TryText(members[name], out var word) && WireNames.TryFromWire<T>(word, out var value)) return value;
        Wrong<string>(name, "one of " + string.Join(", ", Enum.GetValues<T>().Select(each => $"'{each.ToWire()}'")));
        return default;
    }

    /// <summary>A field that may be sent as long as it changes nothing.</summary>
    public void Only(string name, string value)
    {
        if (Has(name) && !(members[name].ValueKind == JsonValueKind.String && members[name].ValueEquals(value))) Wrong<string>(name, $"'{value}'");
    }

    private T? Wrong<T>(string name, string expected)
        where T : class
    {
        firstError ??= ApiError.InvalidValue(name, expected);
        return null;
    }

    // A lone surrogate escape is JSON but not text.
    private static bool TryText(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>A caller's own word in our answer, bounded.</summary>
    private static string Shown(string name) => name.Length <= 64 ? name : name[..64] + "…";
}
