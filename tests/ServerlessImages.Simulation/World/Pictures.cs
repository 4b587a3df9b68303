using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using ServerlessImages.Images;

namespace ServerlessImages.Simulation.World;

/// <summary>PNGs that are whole as far as headers tell, a hundred bytes long whatever their size, and made once for each size.</summary>
internal static class Pictures
{
    private static readonly ConcurrentDictionary<ImageSize, byte[]> Whole = new();

    public static ReadOnlyMemory<byte> Of(ImageSize size) => Whole.GetOrAdd(size, Make);

    /// <summary>A download that ended early.</summary>
    public static ReadOnlyMemory<byte> Broken(ImageSize size) => Of(size)[..^5];

    private static byte[] Make(ImageSize size)
    {
        byte[] header = [.. BigEndian(size.Width), .. BigEndian(size.Height), 8, 6, 0, 0, 0];
        return [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR", header), .. Chunk("IDAT", [1, 2, 3]), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] covered = [.. Encoding.ASCII.GetBytes(type), .. data];
        return [.. BigEndian(data.Length), .. covered, .. BigEndian(unchecked((int)Crc32.HashToUInt32(covered)))];
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
