using System.Security.Cryptography;
using System.Text.Json;

namespace ServerlessImages.Images;

/// <summary>
/// SHA-256 of what is drawn: equal for equal requests, whatever the order, spacing, defaults and form of their bytes. It is kept where the request itself is not.
/// </summary>
/// <remarks>
/// How the answer is delivered (stream, URL) and on what terms (quote, tags, end user, retention) is not part of it: a quote is good for the same picture
/// however it is fetched, and a key replays the same picture in the form that is asked for now.
/// </remarks>
public static class RequestFingerprint
{
    public static string Of(ImageRequest request)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("background", request.Background.ToWire());
            json.WriteNumber("compression", request.Compression ?? -1);
            json.WriteNumber("count", request.Count);
            json.WriteString("fidelity", request.InputFidelity?.ToWire());
            json.WriteString("format", request.Format.ToWire());
            WriteInputs(json, request);
            json.WriteString("mask", request.Mask?.Sha256);
            json.WriteString("markup", request.Markup?.Sha256);
            json.WriteString("model", request.Model.Id);
            json.WriteString("moderation", request.Moderation.ToWire());
            json.WriteString("operation", request.Operation.ToWire());
            json.WriteNumber("partial_images", request.PartialImages);
            json.WriteString("prompt", request.Prompt);
            json.WriteString("quality", request.Quality.ToWire());
            json.WriteString("size", request.Size?.ToString() ?? "auto");
            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    /// <summary>Their order matters: the first is the one that a mask is for.</summary>
    private static void WriteInputs(Utf8JsonWriter json, ImageRequest request)
    {
        json.WriteStartArray("inputs");
        foreach (var input in request.Inputs) json.WriteStringValue(input.Sha256);
        json.WriteEndArray();
    }
}
