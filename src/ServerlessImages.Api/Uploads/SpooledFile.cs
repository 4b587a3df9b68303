using System.Buffers;
using System.Security.Cryptography;

namespace ServerlessImages.Api.Uploads;

/// <summary>A temporary file that is written once, hashed as it is written, and then read any number of times. It ends when it is disposed, or with the process.</summary>
internal sealed class SpooledFile : IDisposable
{
    private const int CopyBytes = 64 * 1024;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly FileStream file;

    public SpooledFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, Options = FileOptions.DeleteOnClose, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        file = new FileStream(path, options);

        // Without a name it is gone even when the process is killed. Windows does the same by DeleteOnClose alone.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
    }

    public long Length { get; private set; }

    /// <summary>Of all that was written, in hex.</summary>
    public string Sha256 => Convert.ToHexStringLower(hash.GetCurrentHash());

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        hash.AppendData(bytes.Span);
        await RandomAccess.WriteAsync(file.SafeFileHandle, bytes, Length, cancel);
        Length += bytes.Length;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        RandomAccess.Write(file.SafeFileHandle, bytes, Length);
        Length += bytes.Length;
    }

    public async Task AppendAllAsync(Stream source, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            while (await source.ReadAsync(buffer.AsMemory(0, CopyBytes), cancel) is > 0 and var read) await AppendAsync(buffer.AsMemory(0, read), cancel);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A new stream from the start. Streams do not disturb each other, and none may outlive the file.</summary>
    public Stream Open() => new SpooledFileStream(file.SafeFileHandle, Length);

    /// <summary>All of it as memory, which the operating system reads as it is looked at. Not for an empty file.</summary>
    public MappedFile Map() => new(file.SafeFileHandle, Length);

    public void Dispose()
    {
        file.Dispose();
        hash.Dispose();
    }
}
