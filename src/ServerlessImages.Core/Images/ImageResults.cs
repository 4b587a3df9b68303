using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Images;

/// <summary>
/// The stored results: image <c>k</c> of a request is the blob <c>{partition}/{request}/{k}</c>. The first image carries the result's JSON as its note and is
/// written last: it is the commit point. A result is there, with all its images, if and only if the first image is; for one image, storing is a single write.
/// Of a job that several workers began, the further images of attempt <c>a</c> are <c>{k}.{a}</c> from the second on: what the first image belongs to is never mixed with another's.
/// </summary>
/// <remarks>Kept for 72 hours after the charge, or until deleted where the caller asked for that. What is past its time is gone, whether or not its bytes still are.</remarks>
public sealed class ImageResults(IBlobStore blobs, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(72);

    /// <returns>The result that is stored: another attempt's, where that was first.</returns>
    /// <exception cref="StoreUnavailableException">Nothing, or images without their commit point, may have been stored.</exception>
    public async Task<ImageResult> StoreAsync(LedgerPartition partition, string requestId, ImageResult result, IReadOnlyList<ReadOnlyMemory<byte>> images, CancellationToken cancel)
    {
        for (var index = images.Count - 1; index > 0; index--) await blobs.PutAsync(Name(partition, requestId, index, result.Attempt), images[index], result.Format.MimeType(), "", cancel);
        if (await blobs.PutAsync(Name(partition, requestId, 0, result.Attempt), images[0], result.Format.MimeType(), result.ToJson(), cancel)) return result;

        // It is there already: by a try of our own whose answer was lost, or by another attempt.
        var stored = await FindAsync(partition, requestId, cancel) ?? throw new StoreUnavailableException($"The result of {requestId} is there and cannot be read.");
        return stored.ToJson() == result.ToJson() ? result : stored;
    }

    /// <returns>The result, or null: never stored, or deleted.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<ImageResult?> FindAsync(LedgerPartition partition, string requestId, CancellationToken cancel) =>
        await blobs.FindNoteAsync(Name(partition, requestId, 0, attempt: 1), cancel) is { } json ? ImageResult.Parse(json) : null;

    /// <returns>The result that an entry charged for, or null: it charged for nothing, or the result's time is over.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<ImageResult?> FindKeptAsync(LedgerPartition partition, LedgerEntry entry, CancellationToken cancel) =>
        IsKept(entry) ? await FindAsync(partition, entry.Id, cancel) : null;

    /// <returns>The answer once more, byte for byte, or null if it is no longer kept.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Generation?> ReplayAsync(LedgerPartition partition, LedgerEntry entry, CancellationToken cancel)
    {
        if (await FindKeptAsync(partition, entry, cancel) is not { } result || await ReadAsync(partition, entry.Id, result, cancel) is not { } images) return null;
        return new Generation(entry.Id, result, images, UpstreamTime: TimeSpan.Zero);
    }

    /// <returns>The bytes of a stored result, or null if some are no longer kept.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>?> ReadAsync(LedgerPartition partition, string requestId, ImageResult result, CancellationToken cancel)
    {
        var images = new List<ReadOnlyMemory<byte>>(result.Images.Count);
        for (var index = 0; index < result.Images.Count; index++)
        {
            if (await blobs.OpenAsync(Name(partition, requestId, index, result.Attempt), cancel) is not { } content) return null;
            await using var stream = content.Stream;
            var bytes = new byte[content.LengthBytes];
            await stream.ReadExactlyAsync(bytes, cancel);
            images.Add(bytes);
        }

        return images;
    }

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<BlobContent?> OpenAsync(LedgerPartition partition, string requestId, int index, CancellationToken cancel)
    {
        var attempt = index == 0 ? 1 : (await FindAsync(partition, requestId, cancel))?.Attempt ?? 1;
        return await blobs.OpenAsync(Name(partition, requestId, index, attempt), cancel);
    }

    /// <summary>Deletes the bytes, the commit point first. The charge stands.</summary>
    /// <exception cref="StoreUnavailableException">Some may be left: delete again.</exception>
    public async Task DeleteAsync(LedgerPartition partition, string requestId, int images, CancellationToken cancel)
    {
        for (var index = 0; index < images; index++)
        {
            for (var attempt = 1; attempt <= (index == 0 ? 1 : Jobs.Job.AttemptsMax); attempt++) await blobs.DeleteAsync(Name(partition, requestId, index, attempt), cancel);
        }
    }

    /// <summary>Whether an entry's images should still be there, if nobody deleted them.</summary>
    public bool IsKept(LedgerEntry entry)
    {
        if (entry is not { IsCharge: true, Request: { } request }) return false;
        return request.Summary.Retention == Retention.Kept.ToWire() || clock.GetUtcNow() - entry.At < KeptFor;
    }

    /// <summary>Until when an entry's images are kept; null where that is until somebody deletes them.</summary>
    public static DateTimeOffset? KeptUntil(LedgerEntry entry) => entry.Request?.Summary.Retention == Retention.Kept.ToWire() ? null : entry.At + KeptFor;

    private static string Name(LedgerPartition partition, string requestId, int index, int attempt) => index == 0 || attempt == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{partition.Key}/{requestId}/{index}")
        : string.Create(CultureInfo.InvariantCulture, $"{partition.Key}/{requestId}/{index}.{attempt}");
}
