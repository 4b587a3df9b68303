using System.Text.Json;
using ServerlessImages.Storage;

namespace ServerlessImages.Files;

/// <summary>
/// Blobs in a folder of this machine: the bytes in <c>{name}</c>, note and content type in <c>{name}.json</c>. The latter is the commit point:
/// it is written last and deleted first, so that bytes without it do not exist for anybody.
/// </summary>
/// <remarks>
/// Both go through a temporary file and a rename. One process per folder, which the lock of the table store beside it sees to.
/// Survives kill -9; a power cut may lose the last renames, since .NET cannot sync a folder.
/// </remarks>
internal sealed class FolderBlobStore(string root) : IBlobStore
{
    private readonly string root = Path.GetFullPath(root);

    // Held for a few renames, never while bytes are written: two puts of one name must not leave the bytes of one under the note of the other.
    private readonly Lock renaming = new();

    public async Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel)
    {
        BlobLimits.CheckNote(note);
        var file = FileOf(name);
        try
        {
            if (File.Exists(Sidecar.Of(file))) return false;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var storedBytes = await TemporaryFile.WriteAsync(file, bytes, cancel);
            using var storedNote = await TemporaryFile.WriteAsync(file, JsonSerializer.SerializeToUtf8Bytes(new Sidecar(contentType, note)), cancel);
            return Publish(file, storedBytes, storedNote);
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    public async Task<string?> FindNoteAsync(string name, CancellationToken cancel)
    {
        var sidecar = Sidecar.Of(FileOf(name));
        try
        {
            return File.Exists(sidecar) ? Sidecar.Parse(await File.ReadAllBytesAsync(sidecar, cancel)).Note : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel)
    {
        var file = FileOf(name);
        cancel.ThrowIfCancellationRequested();
        try
        {
            lock (renaming)
            {
                if (!File.Exists(Sidecar.Of(file))) return Task.FromResult<BlobContent?>(null);
                var sidecar = Sidecar.Parse(File.ReadAllBytes(Sidecar.Of(file)));
                var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, useAsync: true);
                return Task.FromResult<BlobContent?>(new BlobContent(stream, stream.Length, sidecar.ContentType));
            }
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancel)
    {
        var file = FileOf(name);
        cancel.ThrowIfCancellationRequested();
        if (!Directory.Exists(Path.GetDirectoryName(file))) return Task.CompletedTask;
        try
        {
            lock (renaming)
            {
                File.Delete(Sidecar.Of(file));
                File.Delete(file);
                return Task.CompletedTask;
            }
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    private bool Publish(string file, TemporaryFile bytes, TemporaryFile note)
    {
        lock (renaming)
        {
            if (File.Exists(Sidecar.Of(file))) return false;
            bytes.MoveTo(file, overwrite: true);   // what a crash left without its note
            note.MoveTo(Sidecar.Of(file), overwrite: false);
            return true;
        }
    }

    private string FileOf(string name)
    {
        BlobLimits.CheckName(name);
        return Path.Combine([root, .. name.Split('/')]);
    }

    private static bool IsUnavailable(Exception failure) => failure is IOException or UnauthorizedAccessException;

    private static StoreUnavailableException Unavailable(Exception failure) => new("The folder of the blobs could not be used.", failure);
}
