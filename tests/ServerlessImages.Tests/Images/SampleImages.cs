using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ServerlessImages.Tests.Images;

/// <summary>Small whole images: drawn once by SkiaSharp 4.154, 5 x 3 pixels, or put together chunk by chunk.</summary>
internal static class SampleImages
{
    public static byte[] Png => Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAYAAABbNsX4AAAABHNCSVQICAgIfAhkiAAAABpJREFUCJljZGCI+m/EwMCAjFkYAhgwAFZBAIxnAssXucdrAAAAAElFTkSuQmCC");

    public static byte[] Jpeg => Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06k"
        + "bl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAADAAUDASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABkQAQACAwAA"
        + "AAAAAAAAAAAAAAACBAMTM//EABUBAQEAAAAAAAAAAAAAAAAAAAME/8QAGxEAAgEFAAAAAAAAAAAAAAAAAAIBAxESITH/2gAMAwEAAhEDEQA/AFath184gJmab9Fos2EbP//Z");

    public static byte[] LossyWebp => Convert.FromBase64String(
        "UklGRkQAAABXRUJQVlA4IDgAAADQAQCdASoFAAMABABoJbACdAEO/gOOAAD+rGiaUJ2hcniP88deJrnfAn+8ECHA5E0VGMv7mVMAAA==");

    public static byte[] LosslessWebp => Convert.FromBase64String(
        "UklGRjwAAABXRUJQVlA4TC8AAAAvBIAAAHdAkG0zxCLcH+QMIzNa89+DDLC8AAYBIBGoWFJIIbgUVhg1ov/hIce+AAA=");

    public static byte[] APng(params byte[][] chunks) => [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. chunks.SelectMany(chunk => chunk)];

    /// <summary>A PNG that any decoder reads, transparent all over: as a mask, it has everything redrawn.</summary>
    public static byte[] Transparent(int width, int height)
    {
        const int FilterBytes = 1;
        const int PixelBytes = 4;
        using var coded = new MemoryStream();
        using (var zlib = new ZLibStream(coded, CompressionLevel.Optimal)) zlib.Write(new byte[height * (FilterBytes + (width * PixelBytes))]);
        return APng(Ihdr(width, height), PngChunk("IDAT", coded.ToArray()), PngChunk("IEND"));
    }

    public static byte[] PngChunk(string type, params byte[] data)
    {
        byte[] covered = [.. Encoding.ASCII.GetBytes(type), .. data];
        return [.. BigEndian(data.Length), .. covered, .. BigEndian(unchecked((int)Crc32(covered)))];
    }

    public static byte[] Ihdr(int width, int height) => PngChunk("IHDR", [.. BigEndian(width), .. BigEndian(height), 8, 6, 0, 0, 0]);

    public static byte[] AJpeg(params byte[][] segments) => [0xFF, 0xD8, .. segments.SelectMany(segment => segment)];

    public static byte[] JpegSegment(byte code, params byte[] data) => [0xFF, code, .. BigEndian(data.Length + 2)[2..], .. data];

    public static byte[] Frame(byte code, int width, int height) => JpegSegment(code, [8, .. BigEndian(height)[2..], .. BigEndian(width)[2..], 1, 1, 0x11, 0]);

    public static byte[] Scan(params byte[] coded) => [.. JpegSegment(0xDA, 1, 1, 0, 0, 63, 0), .. coded];

    public static byte[] AWebp(params byte[][] chunks)
    {
        byte[] content = [.. "WEBP"u8, .. chunks.SelectMany(chunk => chunk)];
        return [.. "RIFF"u8, .. LittleEndian(content.Length), .. content];
    }

    public static byte[] WebpChunk(string type, params byte[] data) =>
        [.. Encoding.ASCII.GetBytes(type), .. LittleEndian(data.Length), .. data, .. new byte[data.Length % 2]];

    public static byte[] Canvas(byte flags, int width, int height) => WebpChunk("VP8X", [flags, 0, 0, 0, .. LittleEndian(width - 1)[..3], .. LittleEndian(height - 1)[..3]]);

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] LittleEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }
}
