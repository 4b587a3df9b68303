using System.Globalization;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>Answers with the bytes of a stored image, with their exact type and a file name, for a key or for a signed address.</summary>
internal sealed class ImageContent(ImageResults results, ErrorWriter errors)
{
    public async Task WriteAsync(HttpContext http, LedgerPartition partition, RequestStatus status, int index)
    {
        var content = status.Result is null ? null : await results.OpenAsync(partition, status.Id, index, http.RequestAborted);
        if (content is null)
        {
            await errors.WriteAsync(http, ApiError.ResultDeleted);
            return;
        }

        await using var stream = content.Stream;
        http.Response.ContentType = content.ContentType;
        http.Response.ContentLength = content.LengthBytes;
        http.Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"inline; filename=\"{status.Id}_{index}.{status.Request.Summary.Format}\"");
        await stream.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
