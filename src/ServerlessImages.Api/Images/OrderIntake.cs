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
internal sealed class OrderIntake(ImageOrderReader reader, UploadFolder folder, IImageFetcher fetcher) : IDisposable
{
    /// <summary>Longer JSON has images in it, and is read from a file.</summary>
    private const int JsonInMemoryBytesMax = 1024 * 1024;

    /// <summary>A mapped file is memory of this process while it is looked at.</summary>
    private readonly SemaphoreSlim oneInMemory = new(1);

    /// <returns>The order, for the caller to dispose; or what is wrong with it.</returns>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
    public async Task<Result<IncomingOrder>> ReadAsync(HttpContext http, OrderBody body)
    {
        UploadedImages? images = new(folder);
        try
        {
            if (!(await ReadAsync(http, body, images)).TryGet(out var order, out var error)) return error;
            http.Call().Model = order.Request.Model.Id;
            var incoming = new IncomingOrder(order, images);
            images = null;
            return incoming;
        }
        finally
        {
            images?.Dispose();
        }
    }

    public void Dispose() => oneInMemory.Dispose();

    private Task<Result<ImageOrder>> ReadAsync(HttpContext http, OrderBody body, UploadedImages images)
    {
        var isForm = body != OrderBody.Generation && FormUpload.IsForm(http.Request);
        return isForm ? ReadFormAsync(http, body, images) : ReadJsonAsync(http, body, images);
    }

    private async Task<Result<ImageOrder>> ReadFormAsync(HttpContext http, OrderBody body, UploadedImages images)
    {
        if (!(await new FormUpload(images).ReadAsync(http.Request, http.RequestAborted)).TryGet(out var fields, out var error)) return error;
        var isEdit = body == OrderBody.Edit || !images.IsEmpty;
        return reader.Read(fields, isEdit, ModelInPath(http)).TryGet(out var wanted, out error) ? wanted.With(isEdit ? images.ToEditFiles() : null) : error;
    }

    private async Task<Result<ImageOrder>> ReadJsonAsync(HttpContext http, OrderBody body, UploadedImages images)
    {
        var intake = new JsonImages(images, fetcher);
        var isLarge = body != OrderBody.Generation && http.Request.ContentLength is not <= JsonInMemoryBytesMax;
        var read = isLarge ? await ReadLargeJsonAsync(http, body, intake) : await ReadSmallJsonAsync(http, body, intake);
        if (!read.TryGet(out var wanted, out var error)) return error;
        if (!wanted.IsEdit) return wanted.Order.With(files: null);
        return await intake.FetchAsync(http.RequestAborted) is { } refused ? refused : wanted.Order.With(images.ToEditFiles());
    }

    private async Task<Result<JsonOrder>> ReadSmallJsonAsync(HttpContext http, OrderBody body, JsonImages images)
    {
        if (!(await JsonBody.ReadAsync(http.Request, http.RequestAborted)).TryGet(out var json, out var error)) return error;
        using (json) return ReadFields(http, body, json, images);
    }

    private async Task<Result<JsonOrder>> ReadLargeJsonAsync(HttpContext http, OrderBody body, JsonImages images)
    {
        using var file = folder.Create();
        await file.AppendAllAsync(http.Request.Body, http.RequestAborted);
        if (file.Length == 0) return ApiError.BodyRequired;

        // Reading it takes a processor and no waiting, so that a queue costs no time. It saves the memory of all but one.
        await oneInMemory.WaitAsync(http.RequestAborted);
        try
        {
            using var map = file.Map();
            if (!(await JsonBody.ParseAsync(http.Request, map.Memory)).TryGet(out var json, out var error)) return error;
            using (json) return ReadFields(http, body, json, images);
        }
        finally
        {
            oneInMemory.Release();
        }
    }

    private Result<JsonOrder> ReadFields(HttpContext http, OrderBody body, JsonDocument json, JsonImages images)
    {
        var fields = new JsonFields(json.RootElement);
        var isEdit = body == OrderBody.Edit || (body == OrderBody.Either && fields.Has("images"));
        if (isEdit && images.Read(fields) is { } wrong) return wrong;
        return reader.Read(fields, isEdit, ModelInPath(http)).TryGet(out var order, out var error) ? new JsonOrder(order, isEdit) : error;
    }

    /// <summary>Azure's routes name the deployment, which here is the model.</summary>
    private static string? ModelInPath(HttpContext http) => http.GetRouteValue("model") as string;

    private sealed record JsonOrder(WantedOrder Order, bool IsEdit);
}
