using System.Buffers;
using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.AzureOpenAI;

/// <summary>
/// What the upstream said: the JSON of a plain answer, of one event of a stream, or of an error; they share their fields. Read byte by
/// byte, because most of it is one string of megabytes.
/// </summary>
internal sealed class UpstreamMessage
{
    /// <summary>Such as <c>image_generation.completed</c>; empty on plain answers.</summary>
    public string Type { get; private set; } = "";

    /// <summary>Each image that was named; empty bytes for what was not base64.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Images { get; private set; } = [];

    public TokenUsage? Usage { get; private set; }
    public ImageQuality? Quality { get; private set; }
    public ImageBackground? Background { get; private set; }
    public UpstreamError? Error { get; private set; }

    public bool IsPartial => Type.EndsWith(".partial_image", StringComparison.Ordinal);
    public bool IsCompleted => Type.EndsWith(".completed", StringComparison.Ordinal);

    /// <returns>Null if it is not one JSON object.</returns>
    public static UpstreamMessage? Read(ReadOnlySequence<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;

            var message = new UpstreamMessage();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) message.ReadMember(ref reader);

            // Anything behind the object is refused here.
            return reader.Read() ? null : message;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // A string that is no valid Unicode.
            return null;
        }
    }

    /// <summary>One event. Its type is in the JSON, or else in the event's name; <c>[DONE]</c> says nothing.</summary>
    public static UpstreamMessage? ReadEvent(string eventName, ReadOnlySequence<byte> data)
    {
        if (data.IsEmpty || IsDone(data)) return new UpstreamMessage();
        if (Read(data) is not { } message) return null;

        if (message.Type.Length == 0) message.Type = eventName;
        if (message.Type == "error") message.Error ??= UpstreamError.Unknown;
        return message;
    }

    private static bool IsDone(ReadOnlySequence<byte> data) => data.Length < 16 && data.ToArray().AsSpan().Trim(" \r"u8).SequenceEqual("[DONE]"u8);

    private void ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        switch (name)
        {
            case "type": Type = Text(ref reader) ?? ""; break;
            case "b64_json": Images = [Base64Text.Read(ref reader)]; break;
            case "data": Images = ReadData(ref reader); break;
            case "usage": Usage = UpstreamUsage.Read(Element(ref reader)); break;
            case "quality": Quality = Word<ImageQuality>(ref reader); break;
            case "background": Background = Word<ImageBackground>(ref reader); break;
            case "error": Error = UpstreamError.Read(Element(ref reader)) ?? Error; break;

            // Gateways in front of Azure leave out the "error" around it.
            case "code": Error ??= UpstreamError.OfCode(Text(ref reader)); break;
            default: reader.Skip(); break;
        }
    }

    private static List<ReadOnlyMemory<byte>> ReadData(ref Utf8JsonReader reader)
    {
        var images = new List<ReadOnlyMemory<byte>>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return images;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) images.Add(ReadItem(ref reader));
        return images;
    }

    /// <summary>An item without an image counts as one that cannot be delivered, not as none.</summary>
    private static ReadOnlyMemory<byte> ReadItem(ref Utf8JsonReader reader)
    {
        var image = ReadOnlyMemory<byte>.Empty;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return image;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isImage = reader.ValueTextEquals("b64_json"u8);
            reader.Read();
            if (isImage) image = Base64Text.Read(ref reader);
            else reader.Skip();
        }

        return image;
    }

    private static T? Word<T>(ref Utf8JsonReader reader)
        where T : struct, Enum => WireNames.TryFromWire<T>(Text(ref reader) ?? "", out var value) ? value : null;

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private static JsonElement Element(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.Clone();
    }
}
