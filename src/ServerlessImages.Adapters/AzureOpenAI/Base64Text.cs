using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace ServerlessImages.AzureOpenAI;

/// <summary>Decodes base64 from JSON straight into an array of the right length: images are megabytes, and one copy is enough.</summary>
internal static class Base64Text
{
    /// <summary>So many characters are three bytes.</summary>
    private const int Group = 4;

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
        return Decode(reader.HasValueSequence ? reader.ValueSequence : new ReadOnlySequence<byte>(reader.ValueSpan.ToArray()));
    }

    private static ReadOnlyMemory<byte> Decode(ReadOnlySequence<byte> text)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)(text.Length / Group * 3)));
        var written = 0;
        var reader = new SequenceReader<byte>(text);
        Span<byte> group = stackalloc byte[Group];

        // Padding may only be in the last group, so that one is always left.
        while (reader.Remaining > Group)
        {
            // Whole groups of one piece at once, and each that lies across two pieces by itself.
            var here = reader.UnreadSpan[..(int)Math.Min(reader.UnreadSpan.Length, reader.Remaining - Group)];
            here = here[..(here.Length / Group * Group)];
            if (here.IsEmpty && !reader.TryCopyTo(group)) return ReadOnlyMemory<byte>.Empty;

            var groups = here.IsEmpty ? group : here;
            if (!TryDecode(groups, isLast: false, bytes, ref written)) return ReadOnlyMemory<byte>.Empty;
            reader.Advance(groups.Length);
        }

        if (!reader.TryCopyTo(group)) return ReadOnlyMemory<byte>.Empty;
        return TryDecode(group, isLast: true, bytes, ref written) ? bytes.AsMemory(0, written) : ReadOnlyMemory<byte>.Empty;
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, bool isLast, Span<byte> bytes, ref int written)
    {
        var status = Base64.DecodeFromUtf8(text, bytes[written..], out var read, out var decoded, isLast);
        written += decoded;
        return status == OperationStatus.Done && read == text.Length;
    }
}
