namespace ServerlessImages.Files;

/// <summary>A file that is written whole before it gets its name. Gone when it got none.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string path;

    // A tilde is in no blob's name, so that a file left by a crash is never taken for a blob.
    private TemporaryFile(string target) => path = $"{target}~{Guid.NewGuid():N}";

    /// <param name="target">In its folder, since a rename is atomic within one file system only.</param>
    public static async Task<TemporaryFile> WriteAsync(string target, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var file = new TemporaryFile(target);
        try
        {
            await using var stream = new FileStream(file.path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
            await stream.WriteAsync(bytes, cancel);
            stream.Flush(flushToDisk: true);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void MoveTo(string target, bool overwrite) => File.Move(path, target, overwrite);

    public void Dispose() => File.Delete(path);
}
