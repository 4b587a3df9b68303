using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Images;

/// <summary>
/// The stored results: image <c>k</c> of a request is the blob <c>{partition}/{request}/{k}</c>. The first image carries the result's JSON as its note and is
/// written last: it is the commit point. A result is there, with all its images, if and only if the first image is; for one image, storing is a single write.
/// </summary>
/// <remarks>Kept for 72 hours after the charge, or until deleted where the caller asked for that. What is past its time is gone, whether or not its bytes still are.</remarks>
public sealed class ImageResults(IBlobStore blobs, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(72);

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
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<ImageResult?> FindAsync(LedgerPartition partition, string requestId, CancellationToken cancel) =>
        await blobs.FindNoteAsync(Name(partition, requestId, 0), cancel) is { } json ? ImageResult.Parse(json) : null;

    /// <returns>The result that an entry charged for, or null: it charged for nothing, or the result's time is over.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<ImageResult?> FindKeptAsync(LedgerPartition partition, LedgerEntry entry, CancellationToken cancel) =>
        IsKept(entry) ? await FindAsync(partition, entry.Id, cancel) : null;

    /// <returns>The answer once more, byte for byte, or null if it is no longer kept.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Generation?> ReplayAsync(LedgerPartition partition, LedgerEntry entry, CancellationToken cancel)
    {
        if (await FindKeptAsync(partition, entry, cancel) is not { } result) return null;

        var images = new List<ReadOnlyMemory<byte>>(result.Images.Count);
        for (var index = 0; index < result.Images.Count; index++)
        {
            if (await OpenAsync(partition, entry.Id, index, cancel) is not { } content) return null;
            await using var stream = content.Stream;
            var bytes = new byte[content.LengthBytes];
            await stream.ReadExactlyAsync(bytes, cancel);
            images.Add(bytes);
        }

        return new Generation(entry.Id, result, images, UpstreamTime: TimeSpan.Zero);
    }

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public Task<BlobContent?> OpenAsync(LedgerPartition partition, string requestId, int index, CancellationToken cancel) =>
        blobs.OpenAsync(Name(partition, requestId, index), cancel);

    /// <summary>Deletes the bytes, the commit point first. The charge stands.</summary>
    /// <exception cref="StoreUnavailableException">Some may be left: delete again.</exception>
    public async Task DeleteAsync(LedgerPartition partition, string requestId, int images, CancellationToken cancel)
    {
        for (var index = 0; index < images; index++) await blobs.DeleteAsync(Name(partition, requestId, index), cancel);
    }

    /// <summary>Whether an entry's images should still be there, if nobody deleted them.</summary>
    public bool IsKept(LedgerEntry entry)
    {
        if (entry is not { IsCharge: true, Request: { } request }) return false;
        return request.Summary.Retention == Retention.Kept.ToWire() || clock.GetUtcNow() - entry.At < KeptFor;
    }

    private static string Name(LedgerPartition partition, string requestId, int index) => string.Create(CultureInfo.InvariantCulture, $"{partition.Key}/{requestId}/{index}");
}
