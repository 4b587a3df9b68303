using System.Text.Json;

namespace ServerlessImages.Api.Http;

/// <summary>Reads a request's body as one JSON object.</summary>
internal static class JsonBody
{
    private const int DepthMax = 8;

    /// <summary>A document has an index of 12 bytes for each value: one of commas would take ten times its own length.</summary>
    private const int TokensMax = 20_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = DepthMax };

    /// <returns>The document, for the caller to dispose; or <c>body_required</c>, <c>invalid_json</c>.</returns>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
    public static Task<Result<JsonDocument>> ReadAsync(HttpRequest request, CancellationToken cancel) => ParseAsync(request, () => JsonDocument.ParseAsync(request.Body, Strict, cancel));

    /// <summary>The same of a body that has been read, and stands still until the document is disposed.</summary>
    public static Task<Result<JsonDocument>> ParseAsync(HttpRequest request, ReadOnlyMemory<byte> body) => ParseAsync(request, () => Task.FromResult(ParseLarge(body)));

    private static async Task<Result<JsonDocument>> ParseAsync(HttpRequest request, Func<Task<JsonDocument>> parse)
    {
        try
        {
            var body = await parse();
            if (body.RootElement.ValueKind == JsonValueKind.Object && HasTextForNames(body.RootElement)) return body;
            body.Dispose();
            return ApiError.InvalidJson;
        }
        catch (JsonException)
        {
            var isEmpty = request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0;
            return isEmpty ? ApiError.BodyRequired : ApiError.InvalidJson;
        }
        catch (InvalidOperationException)
        {
            // The check for repeated names met one that is no text.
            return ApiError.InvalidJson;
        }
    }

    private static JsonDocument ParseLarge(ReadOnlyMemory<byte> body)
    {
        var tokens = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = DepthMax });
        for (var count = 0; tokens.Read(); count++)
        {
            if (count == TokensMax) throw new JsonException($"More than {TokensMax} tokens.");
        }

        return JsonDocument.Parse(body, Strict);
    }

    /// <summary>A lone surrogate escape is JSON, but its name cannot be read.</summary>
    private static bool HasTextForNames(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.Object => json.EnumerateObject().All(member => member.Name is not null && HasTextForNames(member.Value)),
                JsonValueKind.Array => json.EnumerateArray().All(HasTextForNames),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
