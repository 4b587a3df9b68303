using System.Text.Json;

namespace ServerlessImages.AzureOpenAI;

/// <summary>An error as the upstream tells it. Its message is not kept: it may quote the prompt, hosts and ids.</summary>
/// <param name="Code">For the operator and for the choice of our own error; at most 64 plain characters.</param>
/// <param name="Moderation">Set if the content filter refused.</param>
internal sealed record UpstreamError(string Code, string Type, ModerationDetails? Moderation)
{
    public static UpstreamError Unknown { get; } = new("", "", null);

    /// <param name="error">The value of <c>error</c>: usually an object, of some gateways a text.</param>
    /// <returns>Null if there was no error.</returns>
    public static UpstreamError? Read(JsonElement error)
    {
        if (error.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) return null;
        if (error.ValueKind != JsonValueKind.Object) return Unknown;

        var code = Text(error, "code");
        var inner = Inner(error);
        var isModeration = Moderations.IsCode(code) || Moderations.IsCode(Text(inner, "code"));
        return new(Word(code), Word(Text(error, "type")), isModeration ? Moderations.Read(error, inner, Text(error, "message")) : null);
    }

    public static UpstreamError? OfCode(string? code) =>
        code is null ? null : new(Word(code), "", Moderations.IsCode(code) ? Moderations.Unknown : null);

    /// <summary>What may stand in a log: no line breaks, no length of the upstream's choosing.</summary>
    public static string Word(string? text) =>
        new([.. (text ?? "").Take(64).Select(character => char.IsAsciiLetterOrDigit(character) || "-_.:".Contains(character, StringComparison.Ordinal) ? character : '?')]);

    private static JsonElement Inner(JsonElement error) =>
        error.TryGetProperty("inner_error", out var inner) || error.TryGetProperty("innererror", out inner) ? inner : default;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
