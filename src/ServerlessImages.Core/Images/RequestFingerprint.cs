using System.Security.Cryptography;
using System.Text.Json;

namespace ServerlessImages.Images;

/// <summary>
/// SHA-256 of a parsed request: equal for equal requests, whatever the order, spacing and defaults of their bytes. It is kept where the request itself is not.
/// </summary>
public static class RequestFingerprint
{
    public const string Generation = "generation";

    public static string Of(string operation, ImageRequest request)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("background", request.Background.ToWire());
            json.WriteNumber("compression", request.Compression ?? -1);
            json.WriteNumber("count", request.Count);
            json.WriteString("end_user", request.EndUser);
            json.WriteString("format", request.Format.ToWire());
            json.WriteString("model", request.Model.Id);
            json.WriteString("moderation", request.Moderation.ToWire());
            json.WriteString("operation", operation);
            json.WriteNumber("partial_images", request.PartialImages);
            json.WriteString("prompt", request.Prompt);
            json.WriteString("quality", request.Quality.ToWire());
            json.WriteString("size", request.Size?.ToString() ?? "auto");
            json.WriteBoolean("stream", request.Stream);
            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}
