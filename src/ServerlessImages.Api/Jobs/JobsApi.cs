using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Images;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Jobs;

/// <summary>Requests that are answered later. Who sees which is as for <see cref="RequestsApi"/>; any request of one's own may be read as a job.</summary>
internal static class JobsApi
{
    private const int IdCharactersMax = 64;

    /// <summary>The year 3000.</summary>
    private const long TimeMax = 32_503_680_000;

    public static void AddJobs(this IServiceCollection services)
    {
        services.AddOptions<JobOptions>().BindConfiguration(JobOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<JobOptions>>().Value);
        services.AddSingleton<JobLedger>();
        services.AddSingleton<JobOrders>();
        services.AddSingleton<AcceptJob>();
        services.AddSingleton<EndWaitingJobs>();
        services.AddSingleton<CancelJob>();
        services.AddSingleton<ListJobs>();
        services.AddSingleton<RunJobs>();
        services.AddSingleton<SweepJobs>();
        services.AddSingleton<JobAnswer>();
        services.AddSingleton<JobEventStream>();
    }

    public static void MapJobs(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + "/jobs", ListAsync).RequireScope(RequestsApi.Readers);
            app.MapGet(prefix + "/jobs/{id}", FindAsync).RequireScope(RequestsApi.Readers);
            app.MapGet(prefix + "/jobs/{id}/events", FollowAsync).RequireScope(RequestsApi.Readers);
            app.MapDelete(prefix + "/jobs/{id}", CancelAsync).RequireScope(Scope.ImagesGenerate, Scope.ImagesEdit);
        }
    }

    private static async Task ListAsync(HttpContext http, ListJobs list, JobAnswer answer, ErrorWriter errors)
    {
        if (!QueryOf(http).TryGet(out var query, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        var page = await list.RunAsync(http.Caller().Partition, query, http.RequestAborted);
        await WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (var job in page.Jobs) answer.Write(json, job, http);
            json.WriteEndArray();
            json.WriteBoolean("has_more", page.NextAfter is not null);
            json.WriteString("next_cursor", page.NextAfter);
            json.WriteEndObject();
        });
    }

    private static Result<JobQuery> QueryOf(HttpContext http)
    {
        var fields = new QueryFields(http.Request.Query);
        var limit = fields.Integer("limit", 1, 100) ?? 20;
        var after = fields.Text("after", IdCharactersMax);
        var status = fields.OptionalWord<RequestState>("status");
        var model = fields.Text("model", IdCharactersMax);
        var (from, to) = (fields.Long("from", TimeMax), fields.Long("to", TimeMax));
        if (fields.FirstError is { } error) return error;
        if (after is not null && !FindRequest.IsId(after)) return ApiError.RequestNotFound;

        // A key that may not read usage sees what it made.
        var key = http.Caller().Key;
        return new JobQuery(limit, after, status, model, key.Scopes.Contains(Scope.UsageRead) ? null : key.Id, TimeOf(from), TimeOf(to));
    }

    private static DateTimeOffset? TimeOf(long? seconds) => seconds is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) : null;

    private static async Task FindAsync(string id, HttpContext http, FindRequest find, JobAnswer answer, ErrorWriter errors)
    {
        if ((await RequestsApi.VisibleAsync(http, find, id)).TryGet(out var status, out var error)) await WriteAsync(http, json => answer.Write(json, status, http));
        else await errors.WriteAsync(http, error);
    }

    private static async Task FollowAsync(string id, HttpContext http, FindRequest find, JobEventStream stream, ErrorWriter errors)
    {
        if ((await RequestsApi.VisibleAsync(http, find, id)).TryGet(out var status, out var error)) await stream.WriteAsync(http, status);
        else await errors.WriteAsync(http, error);
    }

    /// <summary>The answer is the job as it is then: <c>cancelled</c>, or what became of it instead.</summary>
    private static async Task CancelAsync(string id, HttpContext http, FindRequest find, CancelJob cancel, JobAnswer answer, ErrorWriter errors)
    {
        var visible = await RequestsApi.VisibleAsync(http, find, id);
        if (visible.TryGet(out _, out var error) && (await cancel.RunAsync(http.Caller().Partition, id, http.RequestAborted)).TryGet(out var status, out error)) await WriteAsync(http, json => answer.Write(json, status, http));
        else await errors.WriteAsync(http, error!);
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        write(json);
    }
}
