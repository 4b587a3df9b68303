using System.Globalization;
using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>
/// The orders of jobs, until they have ended: blob 0 of <c>orders/{partition}/{order}</c> is what is to be drawn, the others are its images. They are listed in the
/// account's partition before they are stored, and until they are deleted, unless a job has them: none is ever lost from sight.
/// </summary>
public sealed class JobOrders(ITableStore tables, IBlobStore blobs, ModelCatalog models, TimeProvider clock, IEntropy entropy)
{
    private const string JsonType = "application/json";
    private const int PageSize = 500;

    /// <summary>Far longer than it takes to make a hold for it.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    /// <returns>What a hold needs to make a job of it.</returns>
    /// <exception cref="StoreUnavailableException">It could not be stored, and what was is swept.</exception>
    public async Task<StoredOrder> PutAsync(LedgerPartition partition, ImageOrder order, CancellationToken cancel)
    {
        var images = order.Request.AllInputs.ToArray();
        var listed = await ListAsync(partition, new StoredOrder(entropy.NextId("order_", clock.GetUtcNow()), 1 + images.Length), cancel);
        foreach (var (index, image) in images.Index()) await blobs.PutAsync(Name(partition, listed.Id, index + 1), await BytesAsync(image, cancel), image.Header.Format.MimeType(), "", cancel);
        await blobs.PutAsync(Name(partition, listed.Id, 0), JsonSerializer.SerializeToUtf8Bytes(OrderDocument.Of(order)), JsonType, "", cancel);
        return listed;
    }

    /// <returns>The order, its images in memory; null if some of it is gone, or if its model is no longer sold.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<ImageOrder?> FindAsync(LedgerPartition partition, StoredOrder order, CancellationToken cancel)
    {
        if (await ReadAsync(Name(partition, order.Id, 0), cancel) is not { } json || JsonSerializer.Deserialize<OrderDocument>(json) is not { } document) return null;
        if (!models.Find(document.Model).TryGet(out var model, out _)) return null;

        var images = new List<byte[]>();
        for (var index = 1; index < order.Blobs; index++)
        {
            if (await ReadAsync(Name(partition, order.Id, index), cancel) is not { } image) return null;
            images.Add(image);
        }

        return document.ToOrder(model, images);
    }

    /// <summary>Deletes the blobs, and then its place in the list.</summary>
    /// <exception cref="StoreUnavailableException">Some may be left; it is swept.</exception>
    /// <exception cref="WriteFateUnknownException">It may still be listed; it is swept.</exception>
    public async Task DeleteAsync(LedgerPartition partition, StoredOrder order, CancellationToken cancel)
    {
        for (var index = 0; index < order.Blobs; index++) await blobs.DeleteAsync(Name(partition, order.Id, index), cancel);
        if (await tables.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.StoredOrder(order.Id), cancel) is { } row) await tables.CommitAsync(TableNames.Ledger, partition.Key, [RowWrite.Delete(row.Key, row.ETag)], cancel);
    }

    /// <summary>The same, where it does not matter whether it is done now: what is left is swept.</summary>
    public async Task DropAsync(LedgerPartition partition, StoredOrder order)
    {
        try
        {
            await DeleteAsync(partition, order, CancellationToken.None);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or WriteFateUnknownException)
        {
            // As said above.
        }
    }

    /// <summary>Deletes what no job has any more, or ever had.</summary>
    /// <returns>How many are still listed.</returns>
    public async Task<int> SweepAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.OrdersStart, LedgerRows.OrdersEnd, PageSize, cancel);
        var left = rows.Where(row => StoredOrder.IsLeft(row, clock.GetUtcNow(), KeptFor)).ToArray();
        foreach (var row in left) await TakeAsync(partition, row, cancel);
        return rows.Count - left.Length;
    }

    /// <summary>It is written before its blobs go: a hold that comes late could still make a job of one that never had any.</summary>
    private async Task TakeAsync(LedgerPartition partition, Row row, CancellationToken cancel)
    {
        var written = await tables.CommitAsync(TableNames.Ledger, partition.Key, [RowWrite.Replace(row.Key, StoredOrder.From(row).ToColumns(clock.GetUtcNow(), isOver: true), row.ETag)], cancel);
        if (written.Applied) await DeleteAsync(partition, StoredOrder.From(row), cancel);
    }

    private async Task<StoredOrder> ListAsync(LedgerPartition partition, StoredOrder order, CancellationToken cancel)
    {
        try
        {
            var row = RowWrite.Insert(LedgerRows.StoredOrder(order.Id), order.ToColumns(clock.GetUtcNow(), isOver: false));
            var written = await tables.CommitAsync(TableNames.Ledger, partition.Key, [row], cancel);
            return written.Applied ? order with { ETag = written.ETags[0] } : throw new StoreUnavailableException("The order of a job is listed already.");
        }
        catch (WriteFateUnknownException cause)
        {
            throw new StoreUnavailableException("The order of a job could not be listed.", cause);
        }
    }

    private async Task<byte[]?> ReadAsync(string name, CancellationToken cancel)
    {
        if (await blobs.OpenAsync(name, cancel) is not { } content) return null;
        await using var stream = content.Stream;
        var bytes = new byte[content.LengthBytes];
        await stream.ReadExactlyAsync(bytes, cancel);
        return bytes;
    }

    private static async Task<byte[]> BytesAsync(InputImage image, CancellationToken cancel)
    {
        await using var stream = image.Open();
        var bytes = new byte[image.LengthBytes];
        await stream.ReadExactlyAsync(bytes, cancel);
        return bytes;
    }

    private static string Name(LedgerPartition partition, string order, int index) => string.Create(CultureInfo.InvariantCulture, $"orders/{partition.Key}/{order}/{index}");
}
