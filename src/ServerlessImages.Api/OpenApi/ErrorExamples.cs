using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.OpenApi;

/// <summary>Errors as callers see them, written by the code that writes the real ones.</summary>
internal sealed class ErrorExamples(ErrorWriter errors)
{
    private const string RequestId = "req_01a209b198eb4112cc3f2e088bc776b9";

    public JsonNode Of(ApiError error)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            errors.WriteTo(json, error, RequestId);
            json.WriteEndObject();
        }

        return JsonNode.Parse(buffer.ToArray())!;
    }
}
