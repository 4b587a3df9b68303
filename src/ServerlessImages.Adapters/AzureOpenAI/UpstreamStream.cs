namespace ServerlessImages.AzureOpenAI;

/// <summary>
/// The body of an answer, read at most up to a bound. Its failures have an exception of their own, so that a failure of the caller's,
/// whose partial images are written while this is read, is never mistaken for one of the upstream.
/// </summary>
/// <param name="bytesMax">One byte more throws <see cref="UpstreamBrokenException"/>.</param>
internal sealed class UpstreamStream(Stream body, long bytesMax) : Stream
{
    private long read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Counted(await body.ReadAsync(buffer, cancellationToken));
        }
        catch (IOException exception)
        {
            throw new UpstreamBrokenException("The answer broke off: " + exception.Message, exception);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Answers are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Counted(int bytes)
    {
        read += bytes;
        return read <= bytesMax ? bytes : throw new UpstreamBrokenException($"The answer is longer than {bytesMax} bytes.");
    }
}
