using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Images;

/// <summary>
/// The stored results: image <c>k</c> of a request is the blob <c>{partition}/{request}/{k}</c>. The first image carries the result's JSON as its note and is
/// written last: it is the commit point. A result is there, with all its images, if and only if the first image is; for one image, storing is a single write.
/// </summary>
public sealed class ImageResults(IBlobStore blobs)
{
    /// <exception cref="StoreUnavailableException">Nothing, or images without their commit point, may have been stored.</exception>
    public async Task StoreAsync(LedgerPartition partition, string requestId, ImageResult result, IReadOnlyList<ReadOnlyMemory<byte>> images, CancellationToken cancel)
    {
        for (var index = images.Count - 1; index >= 0; index--)
        {
            var note = index == 0 ? result.ToJson() : "";
            await blobs.PutAsync(Name(partition, requestId, index), images[index], result.Format.MimeType(), note, cancel);
        }
    }

    /// <returns>The result, or null: never stored, or deleted.</returns>
    public async Task<ImageResult?> FindAsync(LedgerPartition partition, string requestId, CancellationToken cancel) =>
        await blobs.FindNoteAsync(Name(partition, requestId, 0), cancel) is { } json ? ImageResult.Parse(json) : null;

    public Task<BlobContent?> OpenAsync(LedgerPartition partition, string requestId, int index, CancellationToken cancel) =>
        blobs.OpenAsync(Name(partition, requestId, index), cancel);

    private static string Name(LedgerPartition partition, string requestId, int index) => string.Create(CultureInfo.InvariantCulture, $"{partition.Key}/{requestId}/{index}");
}
