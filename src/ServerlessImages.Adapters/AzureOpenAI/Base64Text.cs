using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace ServerlessImages.AzureOpenAI;

/// <summary>Decodes base64 from JSON straight into an array of the right length: images are megabytes, and one copy is enough.</summary>
internal static class Base64Text
{
    /// <returns>Empty for anything that is not base64: an image that cannot be delivered.</returns>
    public static ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return ReadOnlyMemory<byte>.Empty;
        }

        // Escaped text ("\/") is rare, and the reader knows how to undo it.
        if (reader.ValueIsEscaped) return reader.TryGetBytesFromBase64(out var unescaped) ? unescaped : ReadOnlyMemory<byte>.Empty;
        return Decode(reader.ValueSpan);
    }

    private static ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> text)
    {
        if (!Base64.IsValid(text, out var length)) return ReadOnlyMemory<byte>.Empty;

        var bytes = GC.AllocateUninitializedArray<byte>(length);
        return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done ? bytes.AsMemory(0, written) : ReadOnlyMemory<byte>.Empty;
    }
}
