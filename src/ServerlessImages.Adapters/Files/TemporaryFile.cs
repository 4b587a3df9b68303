namespace ServerlessImages.Files;

/// <summary>A file that is on the disk, whole, before it gets its name. Gone when it got none.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string path;
    private bool isMoved;

    // A tilde is in no blob's name, so that a file left by a crash is never taken for a blob.
    private TemporaryFile(string target) => path = $"{target}~{Guid.NewGuid():N}";

    /// <param name="target">In its folder, since a rename is atomic within one file system only.</param>
    public static TemporaryFile Write(string target, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var file = new TemporaryFile(target);
        try
        {
            using var handle = File.OpenHandle(file.path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            RandomAccess.Write(handle, parts, fileOffset: 0);
            RandomAccess.FlushToDisk(handle);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What stands there is no blob: a crash or a stranger left it.</summary>
    public void MoveTo(string target)
    {
        File.Move(path, target, overwrite: true);
        isMoved = true;
    }

    public void Dispose()
    {
        if (!isMoved) File.Delete(path);
    }
}
