using System.Security.Cryptography;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>Whether what was charged for is there: every image with its SHA-256, unless it was deleted or its time is over.</summary>
public sealed class CheckImages(ITableStore store, ImageResults results)
{
    public async Task<IReadOnlyList<Difference>> RunAsync(LedgerPartition partition, string key, LedgerEntry entry, CancellationToken cancel)
    {
        if (!results.IsKept(entry)) return [];

        var differences = new List<Difference>();
        var hashes = entry.Request!.ImageHashes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (hashes.Length != entry.Request.Images) differences.Add(new("image_count", key, $"{entry.Request.Images}", $"{hashes.Length}"));
        for (var index = 0; index < hashes.Length; index++)
        {
            var found = await HashAsync(partition, entry.Id, index, cancel);
            if (found != hashes[index]) differences.Add(new(found is null ? "image_missing" : "image_changed", key, hashes[index], found ?? ""));
        }

        // Asked last: an image may be deleted while it is looked for, and the note comes before the deletion.
        var isDeleted = differences.Count > 0 && await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Deletion(entry.Id), cancel) is not null;
        return isDeleted ? [] : differences;
    }

    private async Task<string?> HashAsync(LedgerPartition partition, string id, int index, CancellationToken cancel)
    {
        if (await results.OpenAsync(partition, id, index, cancel) is not { } content) return null;
        await using var stream = content.Stream;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
    }
}
