using System.Text.Json;

namespace ServerlessImages.AzureOpenAI;

/// <summary>
/// Refusals of the content filter, in the four shapes that Azure has had: <c>moderation_details</c>, <c>safety_violations=[…]</c> in the
/// message, <c>content_filter_results</c>, and a bare code. Source: OpenAI images API reference; Microsoft Learn, "Content filtering".
/// </summary>
internal static class Moderations
{
    private const int CategoriesMax = 16;

    private static readonly HashSet<string> Codes = new(StringComparer.OrdinalIgnoreCase)
    {
        "moderation_blocked", "content_policy_violation", "contentFilter", "content_filter", "ResponsibleAIPolicyViolation",
    };

    public static ModerationDetails Unknown { get; } = new("unknown", []);

    public static bool IsCode(string? code) => code is not null && Codes.Contains(code);

    public static ModerationDetails Read(JsonElement error, JsonElement inner, string? message)
    {
        if (error.TryGetProperty("moderation_details", out var details) && details.ValueKind == JsonValueKind.Object) return Read(details);

        var named = Named(message ?? "");
        var categories = named.Count > 0 ? named : [.. Filtered(error), .. Filtered(inner)];
        return Unknown with { Categories = Clean(categories) };
    }

    private static ModerationDetails Read(JsonElement details)
    {
        var stage = details.TryGetProperty("moderation_stage", out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
        var categories = details.TryGetProperty("categories", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(category => category.ValueKind == JsonValueKind.String).Select(category => category.GetString() ?? "")
            : [];
        return new(stage is "input" or "output" ? stage : "unknown", Clean(categories));
    }

    private static List<string> Named(string message)
    {
        const string Start = "safety_violations=[";
        var start = message.IndexOf(Start, StringComparison.Ordinal);
        var end = start < 0 ? -1 : message.IndexOf(']', start);
        return end < 0 ? [] : [.. message[(start + Start.Length)..end].Split(',', StringSplitOptions.TrimEntries)];
    }

    private static IEnumerable<string> Filtered(JsonElement holder) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty("content_filter_results", out var results) && results.ValueKind == JsonValueKind.Object
            ? results.EnumerateObject().Where(result => IsFiltered(result.Value)).Select(result => result.Name)
            : [];

    private static bool IsFiltered(JsonElement result) =>
        result.ValueKind == JsonValueKind.Object && result.TryGetProperty("filtered", out var filtered) && filtered.ValueKind == JsonValueKind.True;

    /// <summary>Callers get these, so only what looks like a category passes: no upstream prose.</summary>
    private static List<string> Clean(IEnumerable<string> categories) => [.. categories.Where(IsCategory).Distinct(StringComparer.Ordinal).Take(CategoriesMax)];

    private static bool IsCategory(string text) =>
        text.Length is > 0 and <= 64 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '/');
}
