using System.Globalization;
using ServerlessImages.Api.Books;
using ServerlessImages.Api.Http;
using ServerlessImages.Books;
using ServerlessImages.Ledger;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Operators;

/// <summary>Whether the books of all accounts agree, and whatever else is not as it should be.</summary>
internal static class OversightApi
{
    public static void MapOversight(this WebApplication app)
    {
        app.MapGet("/operator/v1/books/{day}", BooksAsync).RequireOperator(OperatorAccess.Read);
        app.MapGet("/operator/v1/incidents", IncidentsAsync).RequireOperator(OperatorAccess.Read);
    }

    private static Task BooksAsync(string day, HttpContext http, ListBooks list, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ReadAsync, page => Answer(day, page.Books, page.NextCursor));

        async Task<Result<BooksPage>> ReadAsync()
        {
            if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return ApiError.InvalidValue("day", "a day such as '2026-11-23'");
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            return await list.RunAsync(date, page.After ?? "", page.Limit, http.RequestAborted);
        }
    }

    private static IResult Answer(string day, IReadOnlyList<(LedgerPartition Partition, ComparedDay Day)> books, string? nextCursor) => Results.Json(new
    {
        @object = "list",
        day,
        data = books.Select(each => new
        {
            @object = "books",
            account_id = each.Partition.Account,
            day,
            state = BooksApi.StateOf(each.Day.State),
            closed_at = each.Day.Books.ClosedAt.ToUnixTimeSeconds(),
            granted_usd = (each.Day.Books.Through.Granted - each.Day.Books.From.Granted).ToString(),
            charged_usd = (each.Day.Books.Through.Settled + each.Day.Books.Through.Owed - each.Day.Books.From.Settled - each.Day.Books.From.Owed).ToString(),
            requests_charged = each.Day.Books.Counts.Charged,
            differences = each.Day.Open.Select(Shown),
            pending = each.Day.Pending.Select(pending => Shown(pending.Mismatch.Difference)),
        }),
        has_more = nextCursor is not null,
        next_cursor = nextCursor,
    });

    private static object Shown(Difference difference) => new { difference.Code, difference.Row, difference.Expected, difference.Found, collector_row = difference.CollectorRow };

    private static Task IncidentsAsync(HttpContext http, ListIncidents list, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ReadAsync, page => Results.Json(new
        {
            @object = "list",
            data = page.Incidents.Select(each => new { @object = "incident", kind = each.Kind, id = each.Id, account_id = each.AccountId, cause = each.Cause, created = each.At.ToUnixTimeSeconds() }),
            has_more = page.HasMore,
            next_cursor = page.HasMore ? page.Incidents[^1].Cursor : null,
        }));

        async Task<Result<(IReadOnlyList<Incident> Incidents, bool HasMore)>> ReadAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            var found = await list.RunAsync(page.After ?? "", page.Limit + 1, http.RequestAborted);
            return (found.Take(page.Limit).ToArray(), found.Count > page.Limit);
        }
    }
}
