using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace ServerlessImages.Benchmarks;

/// <summary>A real PNG of 1024x1024 pixels and exactly the length that a scenario wants: noise as far as the length allows, black below it, and a comment to fill up.</summary>
internal static class PngFile
{
    private const int Edge = 1024;
    private const int RowBytes = 1 + (Edge * 3);

    /// <summary>A chunk's length, type and CRC.</summary>
    private const int ChunkBytes = 12;

    /// <summary>The black rows, compressed, and the chunks' frames come to less than this.</summary>
    private const int SlackBytes = 16 * 1024;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static byte[] Make(int lengthBytes)
    {
        using var file = new MemoryStream(lengthBytes);
        file.Write(Signature);
        var isSmall = lengthBytes < 2 * SlackBytes;
        WriteChunk(file, "IHDR", Header(isSmall));
        WriteChunk(file, "IDAT", isSmall ? Compressed(new byte[(1 + (Edge / 8)) * Edge]) : Compressed(Pixels(lengthBytes - SlackBytes)));
        var comment = new byte[lengthBytes - file.Length - (2 * ChunkBytes)];
        comment.AsSpan().Fill((byte)' ');
        "Comment\0"u8.CopyTo(comment);
        WriteChunk(file, "tEXt", comment);
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>One bit of grey where the whole file is to be small, else 24 bits of colour.</summary>
    private static byte[] Header(bool isSmall)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, Edge);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Edge);
        header[8] = (byte)(isSmall ? 1 : 8);
        header[9] = (byte)(isSmall ? 0 : 2);
        return header;
    }

    private static byte[] Pixels(int noiseBytes)
    {
        var pixels = new byte[RowBytes * Edge];
        new Random(1).NextBytes(pixels.AsSpan(0, Math.Min(noiseBytes, pixels.Length)));
        for (var row = 0; row < Edge; row++) pixels[row * RowBytes] = 0;   // each row's filter: none
        return pixels;
    }

    private static byte[] Compressed(byte[] pixels)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.SmallestSize)) zlib.Write(pixels);
        return data.ToArray();
    }

    private static void WriteChunk(MemoryStream file, string type, ReadOnlySpan<byte> data)
    {
        byte[] typeAndData = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(typeAndData);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(typeAndData));
        file.Write(number);
    }
}
