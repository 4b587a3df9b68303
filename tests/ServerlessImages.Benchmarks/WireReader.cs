using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ServerlessImages.Benchmarks;

/// <summary>
/// Reads HTTP/1.1 messages from a socket, with next to no work per byte: load and upstream share the processors with the product, and must not be what is measured.
/// </summary>
internal sealed class WireReader(Socket socket)
{
    private readonly byte[] buffer = new byte[128 * 1024];
    private int start;
    private int end;

    /// <returns>The first line and the headers, valid until the next read; empty at the end of the connection.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReadHeadAsync(CancellationToken cancel)
    {
        int length;
        while ((length = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync(cancel)) return default;
        }

        var head = buffer.AsMemory(start, length + 2);
        start += length + 4;
        return head;
    }

    /// <param name="copy">Gets the body, or null to drop it.</param>
    /// <returns>The body's length.</returns>
    public async ValueTask<long> ReadBodyAsync(long contentLength, bool isChunked, Stream? copy, CancellationToken cancel)
    {
        if (!isChunked)
        {
            await ReadAsync(contentLength, copy, cancel);
            return contentLength;
        }

        var total = 0L;
        while (await ReadChunkSizeAsync(cancel) is > 0 and var size)
        {
            total += size;
            await ReadAsync(size, copy, cancel);
            await ReadAsync(2, copy: null, cancel);
        }

        await ReadAsync(2, copy: null, cancel);
        return total;
    }

    public static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        foreach (var line in head.Split("\r\n"u8))
        {
            var text = head[line];
            if (text.Length > name.Length && text[name.Length] == (byte)':' && Ascii.EqualsIgnoreCase(text[..name.Length], name)) return text[(name.Length + 1)..].Trim((byte)' ');
        }

        return default;
    }

    public static long ContentLength(ReadOnlySpan<byte> head) =>
        Header(head, "content-length"u8) is { IsEmpty: false } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    public static bool IsChunked(ReadOnlySpan<byte> head) => !Header(head, "transfer-encoding"u8).IsEmpty;

    private async ValueTask<int> ReadChunkSizeAsync(CancellationToken cancel)
    {
        int length;
        while ((length = buffer.AsSpan(start, end - start).IndexOf("\r\n"u8)) < 0)
        {
            if (!await FillAsync(cancel)) throw new IOException("The answer broke off.");
        }

        var size = int.Parse(buffer.AsSpan(start, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        start += length + 2;
        return size;
    }

    private async ValueTask ReadAsync(long bytes, Stream? copy, CancellationToken cancel)
    {
        while (bytes > 0)
        {
            if (start == end && !await FillAsync(cancel)) throw new IOException("The message broke off.");
            var taken = (int)Math.Min(bytes, end - start);
            copy?.Write(buffer, start, taken);
            start += taken;
            bytes -= taken;
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        if (start == end) start = end = 0;
        if (end == buffer.Length)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        var read = await socket.ReceiveAsync(buffer.AsMemory(end), SocketFlags.None, cancel);
        end += read;
        return read > 0;
    }
}
