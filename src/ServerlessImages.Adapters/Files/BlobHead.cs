using System.Buffers.Binary;
using System.Text.Json;

namespace ServerlessImages.Files;

/// <summary>What stands before a blob's bytes in its file: a mark, the length of what follows as 32 bits, little-endian, and this as JSON.</summary>
internal sealed record BlobHead(string ContentType, string Note)
{
    private const int PrefixBytes = 12;

    /// <summary>Escaped to the utmost, a note is six times as long; the content type is short.</summary>
    private const int JsonBytesMax = 64 * 1024;

    private static ReadOnlySpan<byte> Mark => "blob/1\r\n"u8;

    public byte[] ToBytes()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this);
        var bytes = new byte[PrefixBytes + json.Length];
        Mark.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Mark.Length), json.Length);
        json.CopyTo(bytes, PrefixBytes);
        return bytes;
    }

    /// <returns>The head, with the file at the blob's first byte; or null, because the file is none of ours.</returns>
    public static BlobHead? Read(Stream file)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (file.ReadAtLeast(prefix, PrefixBytes, throwOnEndOfStream: false) < PrefixBytes || !prefix.StartsWith(Mark)) return null;

        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix[Mark.Length..]);
        if (length is <= 0 or > JsonBytesMax) return null;
        var json = new byte[length];
        file.ReadExactly(json);
        return JsonSerializer.Deserialize<BlobHead>(json);
    }
}
