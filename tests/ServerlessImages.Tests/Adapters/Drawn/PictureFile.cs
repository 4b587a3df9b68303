using System.Buffers.Binary;
using ServerlessImages.Images;
using ServerlessImages.Local.AzureOpenAI;

namespace ServerlessImages.Tests.Adapters.Drawn;

/// <summary>What a picture's file says about itself.</summary>
internal static class PictureFile
{
    public static (ImageFormat Format, ImageSize Size) Describe(ReadOnlySpan<byte> file)
    {
        Assert.True(PictureHeader.TryRead(file, out var format, out var size), "It is no picture.");
        return (format, size);
    }

    /// <summary>Whether it ends as its format has to.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file) => file switch
    {
        [0x89, ..] => file[^8..] is [(byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82],
        [0xFF, ..] => file[^2..] is [0xFF, 0xD9],
        _ => BinaryPrimitives.ReadInt32LittleEndian(file[4..]) + 8 == file.Length,
    };

    /// <summary>PNG's color type: 6 is RGB with alpha, 2 without.</summary>
    public static byte PngColorType(ReadOnlySpan<byte> file) => file[25];
}
