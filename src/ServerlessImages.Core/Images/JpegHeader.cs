using System.Buffers.Binary;

namespace ServerlessImages.Images;

/// <summary>
/// JPEG: markers of FF and a code, most with a segment behind them, from SOI to EOI; coded data follows each SOS, in which FF 00 and the
/// restart markers are not the end. Source: ITU-T T.81, annex B.
/// </summary>
internal static class JpegHeader
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;

    private static ReadOnlySpan<byte> Signature => [0xFF, StartOfImage];

    public static bool TryRead(ReadOnlySpan<byte> bytes, out ImageSize size)
    {
        size = default;
        if (!bytes.StartsWith(Signature)) return false;

        var rest = bytes[2..];
        bool hasFrame = false, hasScan = false;
        while (TryMarker(ref rest, out var code))
        {
            if (code == EndOfImage) return hasScan && rest.TrimEnd((byte)0).IsEmpty;
            if (!TrySegment(ref rest, out var segment)) return false;
            if (IsFrame(code))
            {
                if (hasFrame || !TryFrame(segment, out size)) return false;
                hasFrame = true;
            }
            else if (code == StartOfScan)
            {
                if (!hasFrame || !TrySkipCodedData(ref rest)) return false;
                hasScan = true;
            }
        }

        return false;
    }

    /// <summary>SOF0 to SOF15, without the three codes among them that are tables: DHT, JPG and DAC.</summary>
    private static bool IsFrame(byte code) => code is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static bool TryFrame(ReadOnlySpan<byte> segment, out ImageSize size)
    {
        // Sample precision in bits, then height and width; a height of 0 is left to a later DNL marker, which nothing writes.
        size = default;
        return segment.Length >= 6
            && ImageHeader.TrySize(BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), out size);
    }

    /// <summary>Any number of FF may fill up before a marker's code. A code of 0, or one without a segment other than EOI, has no place here.</summary>
    private static bool TryMarker(ref ReadOnlySpan<byte> rest, out byte code)
    {
        code = 0;
        if (rest.Length < 2 || rest[0] != 0xFF) return false;

        rest = rest.TrimStart((byte)0xFF);
        if (rest.IsEmpty) return false;

        code = rest[0];
        rest = rest[1..];
        return code is not (0x00 or 0x01 or StartOfImage or (>= 0xD0 and <= 0xD7));
    }

    private static bool TrySegment(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> segment)
    {
        segment = default;
        if (rest.Length < 2) return false;

        var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length < 2 || length > rest.Length) return false;

        segment = rest[2..length];
        rest = rest[length..];
        return true;
    }

    /// <summary>Leaves <paramref name="rest"/> at the marker behind the coded data; false if there is none.</summary>
    private static bool TrySkipCodedData(ref ReadOnlySpan<byte> rest)
    {
        while (true)
        {
            var marker = rest.IndexOf((byte)0xFF);
            if (marker < 0 || marker + 1 >= rest.Length) return false;

            rest = rest[marker..];
            if (rest[1] is not (0x00 or (>= 0xD0 and <= 0xD7))) return true;
            rest = rest[2..];
        }
    }
}
