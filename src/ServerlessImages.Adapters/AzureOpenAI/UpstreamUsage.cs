using System.Text.Json;
using ServerlessImages.Pricing;

namespace ServerlessImages.AzureOpenAI;

/// <summary>The <c>usage</c> of an answer. Source: OpenAI images API reference, "usage" (2026-11).</summary>
internal static class UpstreamUsage
{
    /// <summary>No call comes near it: beyond are broken numbers, which must not become a charge.</summary>
    private const long TokensMax = 100_000_000;

    /// <returns>Null if a number that matters is missing, negative or absurd. Input is all text unless the details say how much is image.</returns>
    public static TokenUsage? Read(JsonElement usage)
    {
        if (Count(usage, "input_tokens") is not { } input || Count(usage, "output_tokens") is not { } output) return null;

        // An image takes tokens: zero is a gateway that does not count, and must not become a gift.
        if (output == 0) return null;

        // The total is what the upstream bills; the details only split it.
        var imageInput = Member(usage, "input_tokens_details") is { ValueKind: JsonValueKind.Object } details && Member(details, "image_tokens") is not null
            ? Count(details, "image_tokens")
            : 0;
        return imageInput is { } image && image <= input ? new TokenUsage(input - image, image, output) : null;
    }

    private static long? Count(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) && count is >= 0 and <= TokensMax ? count : null;

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
}
