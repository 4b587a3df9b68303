using System.Text.Json;

namespace ServerlessImages.Api.Http;

/// <summary>Reads a request's body as one JSON object.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <returns>The document, for the caller to dispose; or <c>body_required</c>, <c>invalid_json</c>.</returns>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
    public static async Task<Result<JsonDocument>> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            var body = await JsonDocument.ParseAsync(request.Body, Strict, cancel);
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
