namespace ServerlessImages.Storage;

/// <summary>Results and inputs: put once, stream, delete. Blob Storage in production, a folder on one machine.</summary>
/// <remarks>
/// Names and notes are bounded by <see cref="BlobLimits"/>; no name may be the folder of another (<c>a</c> and <c>a/b</c>).
/// Every method throws <see cref="StoreUnavailableException"/> when the store cannot be asked, and may be repeated.
/// </remarks>
public interface IBlobStore
{
    /// <summary>Stores the bytes together with the note, both or neither. What is stored under a name stays until it is deleted.</summary>
    /// <returns>False if the name was taken: the bytes that are there stay. They may be this call's own, when the answer to a first try was lost.</returns>
    /// <exception cref="ArgumentException">The note or the name is beyond <see cref="BlobLimits"/>.</exception>
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
