using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Uploads;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>What an endpoint's body may be.</summary>
internal enum OrderBody
{
    Generation,
    Edit,

    /// <summary>An edit if it brings images.</summary>
    Either,
}

/// <summary>Turns a request's body into an order and the files of its images: JSON, or for edits a multipart form too.</summary>
internal sealed class OrderIntake(ImageOrderReader reader, UploadFolder folder, IImageFetcher fetcher)
{
    /// <summary>Longer JSON has images in it, and is read from a file.</summary>
    private const int JsonInMemoryBytesMax = 1024 * 1024;

    /// <returns>The order, for the caller to dispose; or what is wrong with it.</returns>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
    public async Task<Result<IncomingOrder>> ReadAsync(HttpContext http, OrderBody body)
    {
        UploadedImages? images = new(folder);
        try
        {
            if (!(await ReadAsync(http, body, images)).TryGet(out var order, out var error)) return error;
            var incoming = new IncomingOrder(order, images);
            images = null;
            return incoming;
        }
        finally
        {
            images?.Dispose();
        }
    }

    private Task<Result<ImageOrder>> ReadAsync(HttpContext http, OrderBody body, UploadedImages images)
    {
        if (body == OrderBody.Generation) return ReadJsonAsync(http, body, images);
        if (FormUpload.IsForm(http.Request)) return ReadFormAsync(http, body, images);
        return http.Request.ContentLength <= JsonInMemoryBytesMax ? ReadJsonAsync(http, body, images) : ReadLargeJsonAsync(http, body, images);
    }

    private async Task<Result<ImageOrder>> ReadFormAsync(HttpContext http, OrderBody body, UploadedImages images)
    {
        if (!(await new FormUpload(images).ReadAsync(http.Request, http.RequestAborted)).TryGet(out var fields, out var error)) return error;
        var isEdit = body == OrderBody.Edit || !images.IsEmpty;
        return reader.Read(fields, isEdit ? images.ToEditFiles() : null, ModelInPath(http));
    }

    private async Task<Result<ImageOrder>> ReadJsonAsync(HttpContext http, OrderBody body, UploadedImages images)
    {
        if (!(await JsonBody.ReadAsync(http.Request, http.RequestAborted)).TryGet(out var json, out var error)) return error;
        using (json) return await ReadFieldsAsync(http, body, json, images);
    }

    private async Task<Result<ImageOrder>> ReadLargeJsonAsync(HttpContext http, OrderBody body, UploadedImages images)
    {
        using var file = folder.Create();
        await file.AppendAllAsync(http.Request.Body, http.RequestAborted);
        if (file.Length == 0) return ApiError.BodyRequired;

        using var map = file.Map();
        if (!(await JsonBody.ParseAsync(http.Request, map.Memory)).TryGet(out var json, out var error)) return error;
        using (json) return await ReadFieldsAsync(http, body, json, images);
    }

    private async Task<Result<ImageOrder>> ReadFieldsAsync(HttpContext http, OrderBody body, JsonDocument json, UploadedImages images)
    {
        var fields = new JsonFields(json.RootElement);
        var isEdit = body == OrderBody.Edit || (body == OrderBody.Either && fields.Has("images"));
        if (!isEdit) return reader.Read(fields, pathModel: ModelInPath(http));
        if (await new JsonImages(images, fetcher).ReadAsync(fields, http.RequestAborted) is { } error) return error;
        return reader.Read(fields, images.ToEditFiles(), ModelInPath(http));
    }

    /// <summary>Azure's routes name the deployment, which here is the model.</summary>
    private static string? ModelInPath(HttpContext http) => http.GetRouteValue("model") as string;
}
