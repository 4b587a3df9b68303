using System.Buffers.Binary;

namespace ServerlessImages.Images;

/// <summary>WebP: a RIFF container of chunks padded to even lengths. Source: RFC 9649, §2 (container), §3 (lossless), and RFC 6386, §9.1 (VP8).</summary>
internal static class WebpHeader
{
    private const int ContainerBytes = 12;
    private const int ChunkHeaderBytes = 8;

    private static ReadOnlySpan<byte> StartCode => [0x9D, 0x01, 0x2A];

    public static bool TryRead(ReadOnlySpan<byte> bytes, out ImageSize size)
    {
        size = default;
        if (bytes.Length < ContainerBytes || !bytes.StartsWith("RIFF"u8) || !bytes[8..].StartsWith("WEBP"u8)) return false;

        // The RIFF size counts what follows it: the four bytes of "WEBP", then the chunks.
        var riffBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (riffBytes < 4 || riffBytes > bytes.Length - 8) return false;
        return TryChunks(bytes[ContainerBytes..(8 + (int)riffBytes)], out size);
    }

    /// <summary>The canvas of an extended file, or else the size of its one bitstream; false without exactly one frame.</summary>
    private static bool TryChunks(ReadOnlySpan<byte> rest, out ImageSize size)
    {
        size = default;
        var (hasSize, frames) = (false, 0);
        while (TryChunk(ref rest, out var type, out var data))
        {
            var isLossy = type.SequenceEqual("VP8 "u8);
            var isLossless = type.SequenceEqual("VP8L"u8);
            if (isLossy || isLossless || type.SequenceEqual("ANMF"u8)) frames++;
            if (hasSize) continue;

            hasSize = isLossy ? TryLossy(data, out size)
                : isLossless ? TryLossless(data, out size)
                : type.SequenceEqual("VP8X"u8) && TryExtended(data, out size);
            if (!hasSize) return false;
        }

        return hasSize && frames == 1 && rest.IsEmpty;
    }

    private static bool TryChunk(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data)
    {
        type = data = default;
        if (rest.Length < ChunkHeaderBytes) return false;

        var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        if (length > rest.Length - ChunkHeaderBytes) return false;

        type = rest[..4];
        data = rest.Slice(ChunkHeaderBytes, (int)length);
        rest = rest[(ChunkHeaderBytes + (int)length)..];

        // Some writers leave out the padding of the last chunk.
        if (length % 2 == 1 && !rest.IsEmpty) rest = rest[1..];
        return true;
    }

    /// <summary>A key frame: a 3-byte tag, the start code, then twice 14 bits of edge and 2 bits of scale.</summary>
    private static bool TryLossy(ReadOnlySpan<byte> data, out ImageSize size)
    {
        size = default;
        return data.Length > 10 && (data[0] & 1) == 0 && data[3..].StartsWith(StartCode)
            && ImageHeader.TrySize(BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFFu, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFFu, out size);
    }

    /// <summary>A signature byte, then 14 bits of width - 1, 14 of height - 1, one of alpha, and a version of 0.</summary>
    private static bool TryLossless(ReadOnlySpan<byte> data, out ImageSize size)
    {
        size = default;
        if (data.Length <= 5 || data[0] != 0x2F) return false;

        var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        return bits >> 29 == 0 && ImageHeader.TrySize((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, out size);
    }

    /// <summary>Flags, then 24 bits of width - 1 and 24 of height - 1.</summary>
    private static bool TryExtended(ReadOnlySpan<byte> data, out ImageSize size)
    {
        size = default;
        return data.Length >= 10 && ImageHeader.TrySize(UInt24(data[4..]) + 1, UInt24(data[7..]) + 1, out size);
    }

    private static uint UInt24(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16));
}
