namespace ServerlessImages.Api.Http;

/// <summary>The body of a request, read at most up to a bound.</summary>
/// <param name="bytesMax">One byte more throws <see cref="BodyTooLargeException"/>. What is then left is drained by the server, for a few seconds at most.</param>
internal sealed class BoundedBody(Stream body, long bytesMax) : Stream
{
    private long read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var bytes = await body.ReadAsync(buffer, cancellationToken);
        read += bytes;
        return read <= bytesMax ? bytes : throw new BodyTooLargeException(bytesMax);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>The body is longer than its endpoint takes.</summary>
internal sealed class BodyTooLargeException(long bytesMax) : BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge)
{
    public long BytesMax => bytesMax;
}
