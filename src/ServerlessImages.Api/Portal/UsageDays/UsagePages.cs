using System.Text;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Requests;
using ServerlessImages.Api.Usage;
using ServerlessImages.Members;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Portal.UsageDays;

/// <summary>What an account used on each day, by model, key, quality or a tag: from rows that are added up already.</summary>
internal static class UsagePages
{
    public static void MapUsagePages(this WebApplication app)
    {
        app.MapGet(PortalPaths.Usage, ShowAsync).RequireMember(PortalAction.SeeAccount).AsPage();
        app.MapGet(PortalPaths.UsageCsv, DownloadAsync).RequireMember(PortalAction.SeeAccount).AsPage();
    }

    private static async Task<IResult> ShowAsync(HttpContext http, ReadDays read, KeyNames names, TimeProvider clock)
    {
        if (!DaysQuery.Read(new QueryFields(http.Request.Query), clock.GetUtcNow()).TryGet(out var query, out var error)) return new PortalRefusal(error);
        var partition = http.Member().Partition(query.Mode);
        var state = await read.AdvanceAsync(partition, http.RequestAborted);
        if (!(await ReportAsync(http, read, query, state)).TryGet(out var report, out error)) return new PortalRefusal(error);
        var values = ValuesOf(report);
        var keys = query.By == UsageDimension.Key ? await names.OfAsync(partition, values.Take(UsageByDayPage.ValuesMax).Select(each => each.Value), http.RequestAborted) : null;
        return Page.Of<UsageByDayPage>(
            (nameof(UsageByDayPage.Shell), http.Shell()),
            (nameof(UsageByDayPage.Query), query),
            (nameof(UsageByDayPage.Report), report),
            (nameof(UsageByDayPage.Values), values),
            (nameof(UsageByDayPage.Tags), state.Progress.Tags),
            (nameof(UsageByDayPage.Names), keys),
            (nameof(UsageByDayPage.AsOf), state.AsOf));
    }

    /// <summary>The same days in the form of the API's.</summary>
    private static async Task<IResult> DownloadAsync(HttpContext http, ReadDays read, TimeProvider clock)
    {
        if (!DaysQuery.Read(new QueryFields(http.Request.Query), clock.GetUtcNow()).TryGet(out var query, out var error)) return new PortalRefusal(error);
        var state = await read.AdvanceAsync(http.Member().Partition(query.Mode), http.RequestAborted);
        if (!(await ReportAsync(http, read, query, state)).TryGet(out var report, out error)) return new PortalRefusal(error);
        return Results.File(Encoding.UTF8.GetBytes(UsageCsv.Write(report)), UsageCsv.ContentType + "; charset=utf-8", UsageCsv.FileName(report.Query));
    }

    private static (string Value, UsageSums Sums)[] ValuesOf(UsageReport report) =>
    [
        .. report.Lines.GroupBy(line => line.Values[0], line => line.Sums, StringComparer.Ordinal)
            .Select(group => (Value: group.Key, Sums: group.Aggregate((sum, next) => sum + next)))
            .OrderByDescending(each => each.Sums.Amount).ThenBy(each => each.Value, StringComparer.Ordinal),
    ];

    private static async Task<Result<UsageReport>> ReportAsync(HttpContext http, ReadDays read, DaysQuery query, DaysState state)
    {
        if (query.By.TagName is { } tag && !state.Progress.Tags.Contains(tag)) return ApiError.InvalidValue("by", "one of model, key, quality and the names of your tags");
        return await read.RunAsync(http.Member().Partition(query.Mode), query.From, query.Last.AddDays(1), query.By, http.RequestAborted);
    }
}
