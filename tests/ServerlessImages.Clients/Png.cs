using System.Buffers.Binary;

namespace ServerlessImages.Clients;

internal static class Png
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>From the header. Source: the PNG specification, sections 5.2 and 11.2.1.</summary>
    public static (int Width, int Height) SizeOf(BinaryData image)
    {
        var bytes = image.ToMemory().Span;
        Assert.True(bytes.StartsWith(Signature));
        return (BinaryPrimitives.ReadInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadInt32BigEndian(bytes[20..]));
    }
}
