using System.Globalization;
using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>Takes typed values out of a body; keeps the first thing that is wrong and reads on with harmless values.</summary>
internal sealed class FieldReader(CallBody body)
{
    private const string AutoWord = "auto";

    public UpstreamError? Error { get; private set; }

    public void Refuse(UpstreamError error) => Error ??= error;

    public void RefuseUnknown(IReadOnlySet<string> known)
    {
        foreach (var name in body.Fields.Keys.Where(name => !known.Contains(name))) Refuse(UpstreamError.UnknownParameter(name));
    }

    public string? Text(string name)
    {
        if (!TryField(name, out var field)) return null;
        if (field.ValueKind == JsonValueKind.String) return field.GetString();
        Refuse(UpstreamError.InvalidValue(name, "a string"));
        return null;
    }

    public string RequiredText(string name, int charactersMax)
    {
        var text = Text(name);
        if (string.IsNullOrEmpty(text)) Refuse(UpstreamError.Missing(name));
        else if (text.Length > charactersMax) Refuse(UpstreamError.InvalidValue(name, $"at most {charactersMax} characters"));
        return text ?? "";
    }

    public int Whole(string name, int least, int most, int otherwise)
    {
        if (!TryField(name, out var field)) return otherwise;
        var digits = body.IsForm ? field.GetString() : field.GetRawText();
        var read = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        if (read && value >= least && value <= most) return value;
        Refuse(UpstreamError.InvalidValue(name, $"a whole number from {least} to {most}"));
        return otherwise;
    }

    public bool Flag(string name)
    {
        if (!TryField(name, out var field)) return false;
        var word = body.IsForm ? field.GetString() : field.GetRawText();
        if (word is "true" or "false") return word == "true";
        Refuse(UpstreamError.InvalidValue(name, "true or false"));
        return false;
    }

    /// <param name="otherwise">What a missing field means, and <c>auto</c>.</param>
    public T Choice<T>(string name, IReadOnlyList<T> allowed, T otherwise)
        where T : struct, Enum
    {
        if (Text(name) is not { } word || word == AutoWord) return otherwise;
        if (WireNames.TryFromWire<T>(word, out var value) && allowed.Contains(value)) return value;
        Refuse(UpstreamError.InvalidValue(name, "one of " + string.Join(", ", allowed.Select(each => $"'{each.ToWire()}'"))));
        return otherwise;
    }

    /// <returns>Null for a missing field and <c>auto</c>.</returns>
    public ImageSize? Size(string name, ModelSpec model)
    {
        if (Text(name) is not { } word || word == AutoWord) return null;
        if (ImageSize.TryParse(word, out var size) && model.Draws(size)) return size;
        Refuse(UpstreamError.InvalidValue(name, $"'auto', {string.Join(", ", ModelSpec.StandardSizes)}{(model.AnySize is { } rule ? $", or {rule}" : "")}"));
        return null;
    }

    /// <summary>JSON's null is the same as nothing.</summary>
    private bool TryField(string name, out JsonElement field) => body.Fields.TryGetValue(name, out field) && field.ValueKind != JsonValueKind.Null;
}
