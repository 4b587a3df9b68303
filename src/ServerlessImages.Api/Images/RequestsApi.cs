using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Images;

/// <summary>What became of requests. A key that may read usage sees all of its account's; one that may only draw sees those that it made.</summary>
internal static class RequestsApi
{
    public static string[] Readers { get; } = [Scope.UsageRead, Scope.ImagesGenerate, Scope.ImagesEdit];

    public static void MapRequests(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + "/requests", ListAsync).RequireScope(Scope.UsageRead);
            app.MapGet(prefix + "/requests/{id}", FindAsync).RequireScope(Readers);
            app.MapGet(prefix + "/requests/{id}/content", ContentAsync).RequireScope(Readers);
            app.MapDelete(prefix + "/requests/{id}", DeleteAsync).RequireScope(Readers);
        }
    }

    private static async Task ListAsync(HttpContext http, ListRequests list, ErrorWriter errors, IOptions<SiteOptions> site)
    {
        var page = PageQuery.Read(http.Request);
        if (!page.TryGet(out var query, out var error) || !(await list.RunAsync(http.Caller().Partition, query.After, query.Limit, http.RequestAborted)).TryGet(out var found, out error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        await WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (var status in found.Requests) RequestAnswer.Write(json, status, http.Caller(), site.Value.PublicUrl!);
            json.WriteEndArray();
            json.WriteBoolean("has_more", found.HasMore);
            json.WriteString("next_cursor", found.HasMore ? found.Requests[^1].Id : null);
            json.WriteEndObject();
        });
    }

    private static async Task FindAsync(string id, HttpContext http, FindRequest find, ErrorWriter errors, IOptions<SiteOptions> site)
    {
        if ((await VisibleAsync(http, find, id)).TryGet(out var status, out var error)) await WriteAsync(http, json => RequestAnswer.Write(json, status, http.Caller(), site.Value.PublicUrl!));
        else await errors.WriteAsync(http, error);
    }

    /// <summary>The bytes of one image; <c>index</c> counts from 0, which is the default.</summary>
    private static async Task ContentAsync(string id, HttpContext http, FindRequest find, ImageContent content, ErrorWriter errors)
    {
        var index = IndexOf(http.Request);
        var error = (await VisibleAsync(http, find, id)).TryGet(out var status, out var hidden) ? NoImage(status, index) : hidden;
        if (error is null) await content.WriteAsync(http, http.Caller().Partition, status!, index);
        else await errors.WriteAsync(http, error);
    }

    private static async Task DeleteAsync(string id, HttpContext http, FindRequest find, DeleteResult delete, ErrorWriter errors)
    {
        var visible = await VisibleAsync(http, find, id);
        if (visible.TryGet(out _, out var error) && (await delete.RunAsync(http.Caller().Partition, id, http.RequestAborted)).TryGet(out _, out error))
        {
            await WriteAsync(http, json =>
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("object", "request");
                json.WriteBoolean("deleted", true);
                json.WriteEndObject();
            });
            return;
        }

        await errors.WriteAsync(http, error!);
    }

    internal static async Task<Result<RequestStatus>> VisibleAsync(HttpContext http, FindRequest find, string id)
    {
        var caller = http.Caller();
        var found = await find.RunAsync(caller.Partition, id, http.RequestAborted);
        var isVisible = !found.TryGet(out var status, out _) || caller.Key.Scopes.Contains(Scope.UsageRead) || status.Request.Summary.KeyId == caller.Key.Id;
        return isVisible ? found : ApiError.RequestNotFound;
    }

    private static ApiError? NoImage(RequestStatus status, int index)
    {
        if (status.State is RequestState.Queued or RequestState.Running) return ApiError.ResultNotReady;
        return index >= 0 && index < status.Request.Images ? null : ApiError.ResultNotFound;
    }

    /// <returns>-1 for what is no number.</returns>
    private static int IndexOf(HttpRequest request)
    {
        var text = request.Query["index"].ToString();
        if (text.Length == 0) return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        write(json);
    }
}
