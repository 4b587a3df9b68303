using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>
/// The JSON of one generation. Only fields that Azure knows, and only those that say something: it refuses unknown ones, and how strict it
/// is with the others differs between models and versions.
/// </summary>
internal static class GenerationBody
{
    // No HTML is near: a prompt in another script need not be six times as long.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static BinaryData Write(ImageCall call, AzureOpenAIDeploymentOptions deployment, UpstreamMode mode)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            if (deployment.Route == AzureOpenAIRoute.V1) json.WriteString("model", deployment.Deployment);
            WriteRequest(json, call.Request);
            WriteMode(json, mode);
            if (deployment.SendSafetyIdentifier && call.SafetyIdentifier is { } identifier) json.WriteString("safety_identifier", identifier);
            json.WriteEndObject();
        }

        return BinaryData.FromBytes(buffer.WrittenMemory);
    }

    private static void WriteRequest(Utf8JsonWriter json, ImageRequest request)
    {
        json.WriteString("prompt", request.Prompt);
        if (request.Count > 1) json.WriteNumber("n", request.Count);
        if (request.Size is { } size) json.WriteString("size", size.ToString());
        if (request.Quality != ImageQuality.Auto) json.WriteString("quality", request.Quality.ToWire());
        if (request.Background != ImageBackground.Auto) json.WriteString("background", request.Background.ToWire());
        if (request.Format != ImageFormat.Png) json.WriteString("output_format", request.Format.ToWire());
        if (request.Compression is { } compression) json.WriteNumber("output_compression", compression);
        if (request.Moderation != ModerationLevel.Auto) json.WriteString("moderation", request.Moderation.ToWire());
    }

    private static void WriteMode(Utf8JsonWriter json, UpstreamMode mode)
    {
        if (!mode.Stream) return;
        json.WriteBoolean("stream", true);
        if (mode.PartialImages > 0) json.WriteNumber("partial_images", mode.PartialImages);
    }
}
