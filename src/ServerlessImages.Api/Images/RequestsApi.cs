using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Images;

internal static class RequestsApi
{
    public static void MapRequests(this WebApplication app)
    {
        app.MapGet("/v1/requests/{id}", FindAsync).RequireScope(Scope.UsageRead);
        app.MapGet("/v1/requests/{id}/content", ContentAsync).RequireScope(Scope.UsageRead);
    }

    private static async Task FindAsync(string id, HttpContext http, FindRequest find, ErrorWriter errors, IOptions<SiteOptions> site)
    {
        var found = await find.RunAsync(http.Caller().Partition, id, http.RequestAborted);
        if (!found.TryGet(out var status, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        RequestAnswer.Write(json, status, http.Caller(), site.Value.PublicUrl!);
    }

    /// <summary>The bytes of one image; <c>index</c> counts from 0, which is the default.</summary>
    private static async Task ContentAsync(string id, HttpContext http, FindRequest find, ImageResults results, ErrorWriter errors)
    {
        var found = await find.RunAsync(http.Caller().Partition, id, http.RequestAborted);
        if (!found.TryGet(out var status, out var error) || (error = NoImage(http.Request, status, out var index)) is not null)
        {
            await errors.WriteAsync(http, error);
            return;
        }

        if (await results.OpenAsync(http.Caller().Partition, id, index, http.RequestAborted) is not { } content)
        {
            await errors.WriteAsync(http, ApiError.ResultDeleted);
            return;
        }

        await using var stream = content.Stream;
        http.Response.ContentType = content.ContentType;
        http.Response.ContentLength = content.LengthBytes;
        http.Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"inline; filename=\"{id}_{index}.{status.Request.Summary.Format}\"");
        await stream.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static ApiError? NoImage(HttpRequest request, RequestStatus status, out int index)
    {
        index = 0;
        if (status.State == RequestState.Running) return ApiError.ResultNotReady;

        var text = request.Query["index"].ToString();
        var isNumber = text.Length == 0 || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
        return isNumber && index < status.Request.Images ? null : ApiError.ResultNotFound;
    }
}
