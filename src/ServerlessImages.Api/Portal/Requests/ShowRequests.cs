using System.Globalization;
using ServerlessImages.Api.Images;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Portal.Requests;

/// <summary>Makes rows of requests: with the names of their keys, and with their first image where it is kept. No page of rows is read for it.</summary>
internal sealed class ShowRequests(ImageResults results, ImageUrls urls, KeyNames names)
{
    public async Task<IReadOnlyList<RequestRow>> RowsAsync(LedgerPartition partition, IReadOnlyList<FoundRequest> ended, CancellationToken cancel)
    {
        var shown = await names.OfAsync(partition, ended.Select(each => each.Status.Request.Summary.KeyId), cancel);
        var kept = await Task.WhenAll(ended.Select(each => results.FindKeptAsync(partition, each.Entry, cancel)));
        return [.. ended.Zip(kept).Select(each => Row(partition, each.First.Status with { Result = each.Second }, shown))];
    }

    public async Task<IReadOnlyList<RequestRow>> RowsAsync(LedgerPartition partition, IReadOnlyList<RequestStatus> running, CancellationToken cancel)
    {
        var shown = await names.OfAsync(partition, running.Select(each => each.Request.Summary.KeyId), cancel);
        return [.. running.Select(status => Row(partition, status, shown))];
    }

    /// <summary>All that are kept of a request.</summary>
    public IReadOnlyList<ShownImage> ImagesOf(LedgerPartition partition, RequestStatus status) =>
        [.. Enumerable.Range(0, status.Result?.Images.Count ?? 0).Select(index => Image(partition, status, status.Result!, index))];

    private RequestRow Row(LedgerPartition partition, RequestStatus status, IReadOnlyDictionary<string, string> keyNames)
    {
        var asked = status.Request.Summary;
        var image = status.Result is { Images.Count: > 0 } result ? Image(partition, status, result, 0) : null;
        var mode = partition.Livemode ? PortalMode.Live : PortalMode.Test;
        return new(
            status.Id, status.ClosedAt ?? status.Request.HeldAt, asked.Model, status.Result?.Size.ToString() ?? asked.Size, asked.Quality, status.Request.Images, asked.KeyId, keyNames[asked.KeyId],
            status.State, status.ClosedAt is null ? null : status.Charge, status.Request.ErrorCode, image, mode.Link($"{PortalPaths.Requests}/{status.Id}"));
    }

    private ShownImage Image(LedgerPartition partition, RequestStatus status, ImageResult result, int index)
    {
        var number = (index + 1).ToString(CultureInfo.InvariantCulture);
        var alt = $"Image {number} of {result.Images.Count}, {result.Size}, by {status.Request.Summary.Model}";
        return new(urls.PathOf(partition, status.Id, index), result.Size, alt, $"{status.Id}_{index}.{result.Format.ToWire()}", result.Images[index].LengthBytes);
    }
}
