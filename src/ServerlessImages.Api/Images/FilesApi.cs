using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>Images by signed address: the address is the permission.</summary>
internal static class FilesApi
{
    public static void MapFiles(this WebApplication app)
    {
        app.MapGet("/f/{token}", ReadAsync).OpenToEveryone().WithMetadata(new ShownElsewhere());
    }

    private static async Task ReadAsync(string token, HttpContext http, ImageUrls urls, FindRequest find, ImageContent content, ErrorWriter errors)
    {
        if (urls.Read(token) is not { } image)
        {
            await errors.WriteAsync(http, ApiError.UrlNotValid);
            return;
        }

        var found = await find.RunAsync(image.Partition, image.RequestId, http.RequestAborted);
        if (found.TryGet(out var status, out var error)) await content.WriteAsync(http, image.Partition, status, image.Index);
        else await errors.WriteAsync(http, error);
    }
}
