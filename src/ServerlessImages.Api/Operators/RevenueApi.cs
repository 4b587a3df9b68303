using System.Globalization;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Revenue;

namespace ServerlessImages.Api.Operators;

/// <summary>What was charged, what it cost, and what is left.</summary>
internal static class RevenueApi
{
    private const int DaysDefault = 30;
    private const int DaysMax = 366;
    private const int LinesDefault = 100;
    private const int LinesMax = 1_000;
    private const int IdCharactersMax = 64;

    public static void MapRevenue(this WebApplication app) => app.MapGet("/operator/v1/revenue", ReadAsync).RequireOperator(OperatorAccess.Read);

    private static Task ReadAsync(HttpContext http, ReadRevenue read, AccountDirectory accounts, TimeProvider clock, ErrorWriter errors)
    {
        var fields = new QueryFields(http.Request.Query);
        var limit = fields.Integer("limit", 1, LinesMax) ?? LinesDefault;
        return http.AnswerAsync(errors, RunAsync, report => Answer(report, limit));

        async Task<Result<RevenueReport>> RunAsync()
        {
            if (!Query(fields, clock.GetUtcNow()).TryGet(out var query, out var error)) return error;
            if (query.AccountId is { } id && await accounts.FindAsync(id, http.RequestAborted) is null) return ApiError.AccountNotFound;
            return await read.RunAsync(query, http.RequestAborted);
        }
    }

    internal static Result<RevenueQuery> Query(QueryFields fields, DateTimeOffset now)
    {
        var to = fields.Day("to") ?? DateOnly.FromDateTime(now.UtcDateTime).AddDays(1);
        var from = fields.Day("from") ?? to.AddDays(-DaysDefault);
        var query = new RevenueQuery(from, to, fields.Word<RevenueGroup>("group_by"), fields.Text("account_id", IdCharactersMax));
        if (fields.FirstError is { } error) return error;
        return from < to && to.DayNumber - from.DayNumber <= DaysMax ? query : ApiError.InvalidValue("from", $"a day before 'to', at most {DaysMax} days");
    }

    private static IResult Answer(RevenueReport report, int limit) => Results.Json(new
    {
        @object = "revenue",
        from = Text(report.Query.From),
        to = Text(report.Query.To),
        group_by = report.Query.Group.ToWire(),
        account_id = report.Query.AccountId,
        data = report.Lines.Take(limit).Select(line => Of(report.Query.Group, line.Group, line.Sums)),
        has_more = report.Lines.Count > limit,
        total = Sums(report.Total),
        is_complete = report.IsComplete,
        currency = "usd",
    });

    private static Dictionary<string, object?> Of(RevenueGroup group, string name, RevenueSums sums)
    {
        var line = new Dictionary<string, object?> { [group == RevenueGroup.Account ? "account_id" : group.ToWire()] = name };
        foreach (var (member, value) in Sums(sums)) line.Add(member, value);
        return line;
    }

    internal static Dictionary<string, object?> Sums(RevenueSums sums) => new()
    {
        ["requests"] = sums.Requests,
        ["requests_uncharged"] = sums.Uncharged,
        ["images"] = sums.Images,
        ["charged_usd"] = sums.Charged.ToString(),
        ["upstream_cost_usd"] = sums.UpstreamCost.ToString(),
        ["margin_usd"] = sums.Margin.ToString(),
    };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
