namespace ServerlessImages.Storage;

/// <summary>Results and inputs: put once, stream, delete. Blob Storage in production, a folder on one machine.</summary>
/// <remarks>A name is segments of <c>[A-Za-z0-9._-]</c> joined by <c>/</c>.</remarks>
public interface IBlobStore
{
    /// <summary>Stores the bytes together with the note, both or neither. What is stored under a name stays until it is deleted.</summary>
    /// <returns>False if the name was taken: the bytes that are there stay.</returns>
    Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel);

    /// <returns>The note stored with the bytes, or null if there is nothing under this name.</returns>
    Task<string?> FindNoteAsync(string name, CancellationToken cancel);

    /// <returns>The stored bytes, or null. The caller disposes the stream.</returns>
    Task<BlobContent?> OpenAsync(string name, CancellationToken cancel);

    /// <summary>Deletes; that there was nothing is no error.</summary>
    Task DeleteAsync(string name, CancellationToken cancel);
}

/// <param name="LengthBytes">The number of bytes that <paramref name="Stream"/> holds.</param>
public sealed record BlobContent(Stream Stream, long LengthBytes, string ContentType);
