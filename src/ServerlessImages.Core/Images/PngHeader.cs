using System.Buffers.Binary;

namespace ServerlessImages.Images;

/// <summary>
/// PNG: a signature, then chunks of length, type, data and CRC, from IHDR to IEND. Source: w3.org/TR/png-3, §5 (datastream structure),
/// §11.2 (critical chunks), §11.3.5 (animation).
/// </summary>
internal static class PngHeader
{
    private const int HeaderDataBytes = 13;
    private const int LengthAndTypeBytes = 8;
    private const int CrcBytes = 4;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool TryRead(ReadOnlySpan<byte> bytes, out ImageSize size)
    {
        size = default;
        if (!bytes.StartsWith(Signature)) return false;

        var rest = bytes[Signature.Length..];
        return TryChunk(ref rest, out var type, out var data)
            && type.SequenceEqual("IHDR"u8) && data.Length == HeaderDataBytes && HasItsCrc(bytes[Signature.Length..])
            && ImageHeader.TrySize(BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]), out size)
            && EndsWhole(rest);
    }

    /// <summary>Walks the chunks after IHDR: there is image data, at most one frame, and IEND is the last thing in the file.</summary>
    private static bool EndsWhole(ReadOnlySpan<byte> rest)
    {
        var hasImageData = false;
        while (TryChunk(ref rest, out var type, out var data))
        {
            if (type.SequenceEqual("IEND"u8)) return hasImageData && data.IsEmpty && rest.IsEmpty;
            if (type.SequenceEqual("acTL"u8) && !IsOneFrame(data)) return false;
            hasImageData |= type.SequenceEqual("IDAT"u8) && !data.IsEmpty;
        }

        return false;
    }

    private static bool IsOneFrame(ReadOnlySpan<byte> animation) =>
        animation.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(animation) <= 1;

    private static bool TryChunk(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data)
    {
        type = data = default;
        if (rest.Length < LengthAndTypeBytes + CrcBytes) return false;

        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - LengthAndTypeBytes - CrcBytes) return false;

        type = rest[4..LengthAndTypeBytes];
        data = rest.Slice(LengthAndTypeBytes, (int)length);
        rest = rest[(LengthAndTypeBytes + (int)length + CrcBytes)..];
        return true;
    }

    /// <summary>Whether the IHDR chunk at the start of <paramref name="chunk"/> carries the CRC of its type and data.</summary>
    private static bool HasItsCrc(ReadOnlySpan<byte> chunk)
    {
        var covered = chunk[4..(LengthAndTypeBytes + HeaderDataBytes)];
        return Crc32(covered) == BinaryPrimitives.ReadUInt32BigEndian(chunk[(LengthAndTypeBytes + HeaderDataBytes)..]);
    }

    /// <summary>CRC-32 of ISO 3309 (w3.org/TR/png-3, annex D), bit by bit: it only ever sees 17 bytes.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        const uint Polynomial = 0xEDB88320;
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
        }

        return ~crc;
    }
}
