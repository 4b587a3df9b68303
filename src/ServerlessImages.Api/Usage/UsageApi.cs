using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using ServerlessImages.Api.Http;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Usage;

/// <summary>What an account used: added up, and entry by entry.</summary>
internal static partial class UsageApi
{
    private const int EventsDefault = 20;
    private const int EventsMax = 100;

    /// <summary>Order keys have twelve digits.</summary>
    private const long SequenceMax = 999_999_999_999;

    public static void AddUsage(this IServiceCollection services)
    {
        services.AddSingleton<UsageRollups>();
        services.AddSingleton<ReadUsage>();
        services.AddSingleton<ReadDays>();
        services.AddSingleton<SweepUsage>();
        services.AddSingleton<ReadUsageEvents>();
    }

    public static void MapUsage(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + "/usage", ReportAsync).RequireScope(Scope.UsageRead);
            app.MapGet(prefix + "/usage/events", EventsAsync).RequireScope(Scope.UsageRead);
        }
    }

    private static async Task ReportAsync(HttpContext http, ReadUsage read, ErrorWriter errors, TimeProvider clock)
    {
        var fields = new QueryFields(http.Request.Query);
        var isCsv = IsCsv(fields, http.Request);
        if (!UsageQueryReader.Read(fields, clock.GetUtcNow()).TryGet(out var query, out var error) || !(await read.RunAsync(http.Caller().Partition, query, http.RequestAborted)).TryGet(out var report, out error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        await WriteAsync(http, report, http.Caller().Partition, isCsv);
    }

    /// <summary>Asked before the query is read, which says what is wrong with it.</summary>
    public static bool IsCsv(QueryFields fields, HttpRequest request) => fields.OneOf("format", "json", "csv") is { } format ? format == "csv" : AcceptsCsv(request);

    public static async Task WriteAsync(HttpContext http, UsageReport report, LedgerPartition partition, bool isCsv)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        if (isCsv) await WriteCsvAsync(http.Response, report);
        else await WriteJsonAsync(http.Response, json => ReportAnswer.Write(json, report, partition));
    }

    private static Task EventsAsync(HttpContext http, ReadUsageEvents read, ErrorWriter errors, ILogger<ReadUsageEvents> logger) => WriteEventsAsync(http, http.Caller().Partition, read, errors, logger);

    /// <summary>A page of a partition's entries, as the query says.</summary>
    public static async Task WriteEventsAsync(HttpContext http, LedgerPartition partition, ReadUsageEvents read, ErrorWriter errors, ILogger logger)
    {
        var fields = new QueryFields(http.Request.Query);
        var limit = fields.Integer("limit", 1, EventsMax) ?? EventsDefault;
        var after = fields.Long("after", SequenceMax) ?? 0;
        if (fields.FirstError is { } wrong)
        {
            await errors.WriteAsync(http, wrong);
            return;
        }

        if ((await read.RunAsync(partition, after, limit, http.RequestAborted)).TryGet(out var page, out var error))
        {
            await WriteJsonAsync(http.Response, json => EventsAnswer.Write(json, page, after, partition));
            return;
        }

        if (error.Kind == ApiErrorKind.Server) Log.ChainBroken(logger, http.Call().RequestId, partition.Key, error.Cause);
        await errors.WriteAsync(http, error);
    }

    private static bool AcceptsCsv(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(UsageCsv.ContentType, StringComparison.OrdinalIgnoreCase) && accepted.Quality is not 0);

    private static Task WriteCsvAsync(HttpResponse response, UsageReport report)
    {
        response.ContentType = UsageCsv.ContentType + "; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{UsageCsv.FileName(report.Query)}\"";
        return response.WriteAsync(UsageCsv.Write(report), Encoding.UTF8);
    }

    private static async Task WriteJsonAsync(HttpResponse response, Action<Utf8JsonWriter> write)
    {
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        write(json);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "{RequestId} found the ledger of {Partition} broken. {Cause}")]
        public static partial void ChainBroken(ILogger logger, string requestId, string partition, string? cause);
    }
}
