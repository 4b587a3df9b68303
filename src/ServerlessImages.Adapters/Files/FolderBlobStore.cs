using ServerlessImages.Storage;

namespace ServerlessImages.Files;

/// <summary>
/// Blobs in a folder of this machine, each in one file: a <see cref="BlobHead"/> with note and content type, then the bytes. The file gets its name when all
/// of it is on the disk, so that what has a name is whole.
/// </summary>
/// <remarks>
/// One process per folder, which the lock of the table store beside it sees to.
/// Survives kill -9; a power cut may lose the last renames, since .NET cannot sync a folder.
/// </remarks>
internal sealed class FolderBlobStore(string root) : IBlobStore, IDisposable
{
    private readonly string root = Path.GetFullPath(root);
    private readonly DiskThreads threads = new();

    // Held for one rename, never while bytes are written: of two puts of one name, the second must see the first.
    private readonly Lock renaming = new();

    public async Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel)
    {
        BlobLimits.CheckNote(note);
        var file = FileOf(name);
        cancel.ThrowIfCancellationRequested();
        try
        {
            return await threads.RunAsync(() => Put(file, new BlobHead(contentType, note).ToBytes(), bytes));
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    public Task<string?> FindNoteAsync(string name, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var stream = Open(FileOf(name), out var head);
        return Task.FromResult(head?.Note);
    }

    public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var stream = Open(FileOf(name), out var head);
        return Task.FromResult(stream is null ? null : new BlobContent(stream, stream.Length - stream.Position, head!.ContentType));
    }

    public Task DeleteAsync(string name, CancellationToken cancel)
    {
        var file = FileOf(name);
        cancel.ThrowIfCancellationRequested();
        if (!Directory.Exists(Path.GetDirectoryName(file))) return Task.CompletedTask;
        try
        {
            File.Delete(file);
            return Task.CompletedTask;
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    public void Dispose() => threads.Dispose();

    private bool Put(string file, byte[] head, ReadOnlyMemory<byte> bytes)
    {
        if (IsThere(file)) return false;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var whole = TemporaryFile.Write(file, [head, bytes]);
        lock (renaming)
        {
            if (IsThere(file)) return false;
            whole.MoveTo(file);
            return true;
        }
    }

    private static bool IsThere(string file)
    {
        if (!File.Exists(file)) return false;
        using var stream = Open(file, out var head);
        return head is not null;
    }

    /// <returns>The file at the blob's first byte; or null, with no head, if there is no blob.</returns>
    private static FileStream? Open(string file, out BlobHead? head)
    {
        head = null;
        if (!File.Exists(file)) return null;
        FileStream? stream = null;
        try
        {
            stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, useAsync: true);
            head = BlobHead.Read(stream);
            if (head is not null) return stream;
        }
        catch (FileNotFoundException)
        {
            // Deleted just now.
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            stream?.Dispose();
            throw Unavailable(failure);
        }

        stream?.Dispose();
        return null;
    }

    private string FileOf(string name)
    {
        BlobLimits.CheckName(name);
        return Path.Combine([root, .. name.Split('/')]);
    }

    private static bool IsUnavailable(Exception failure) => failure is IOException or UnauthorizedAccessException;

    private static StoreUnavailableException Unavailable(Exception failure) => new("The folder of the blobs could not be used.", failure);
}
