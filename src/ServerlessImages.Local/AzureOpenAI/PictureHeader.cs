using System.Buffers.Binary;
using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>Format and size as a file's own header says them, read by hand: no decoder of the drawing library has a say.</summary>
internal static class PictureHeader
{
    private const int LongestHeader = 30;

    public static bool TryRead(ReadOnlySpan<byte> file, out ImageFormat format, out ImageSize size)
    {
        (format, size) = file switch
        {
            { Length: < LongestHeader } => default,
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => (ImageFormat.Png, new(BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]))),
            [0xFF, 0xD8, ..] => (ImageFormat.Jpeg, JpegSize(file)),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => (ImageFormat.Webp, WebpSize(file)),
            _ => default,
        };
        return size is { Width: > 0, Height: > 0 };
    }

    /// <summary>Walks the segments to the first frame header (SOF0 to SOF2).</summary>
    private static ImageSize JpegSize(ReadOnlySpan<byte> file)
    {
        for (var at = 2; at + 9 <= file.Length && file[at] == 0xFF; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]))
        {
            if (file[at + 1] is 0xC0 or 0xC1 or 0xC2) return new(BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]));
        }

        return default;
    }

    /// <summary>The extended, the lossless and the lossy kind each say it in their own way.</summary>
    private static ImageSize WebpSize(ReadOnlySpan<byte> file) => file[15] switch
    {
        (byte)'X' => new(1 + LittleEndian24(file[24..]), 1 + LittleEndian24(file[27..])),
        (byte)'L' => LosslessSize(BinaryPrimitives.ReadUInt32LittleEndian(file[21..])),
        _ => new(BinaryPrimitives.ReadUInt16LittleEndian(file[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(file[28..]) & 0x3FFF),
    };

    private static ImageSize LosslessSize(uint bits) => new(1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF));

    private static int LittleEndian24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
