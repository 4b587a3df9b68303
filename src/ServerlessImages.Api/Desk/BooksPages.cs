using System.Globalization;
using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Books;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Desk;

/// <summary>Whether each night's books agree: with the ledger, and with the collector.</summary>
internal static class BooksPages
{
    private const int DaysShown = 14;
    private const int AccountsCounted = 1_000;
    private const int DifferingShown = 20;

    public static void MapBooksPages(this WebApplication app)
    {
        app.MapGet(DeskPaths.Books, ShowAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.BooksOfDay, ShowDayAsync).RequireDesk(OperatorAccess.Read).AsPage();
    }

    private static async Task<PageResult> ShowAsync(HttpContext http, BooksIndex index, TimeProvider clock)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var days = await Task.WhenAll(Enumerable.Range(1, DaysShown).Select(async back =>
        {
            var closed = await index.OfDayAsync(today.AddDays(-back), "", AccountsCounted, http.RequestAborted);
            return new BooksLine(today.AddDays(-back), closed.Count, closed.Count(each => each.Differences > 0), closed.Count == AccountsCounted);
        }));
        return Page.Of<BooksListPage>((nameof(BooksListPage.Shell), http.Desk()), (nameof(BooksListPage.Days), days), (nameof(BooksListPage.Differing), await index.DifferingAsync("", DifferingShown, http.RequestAborted)));
    }

    private static async Task<IResult> ShowDayAsync(string day, HttpContext http, ListBooks list)
    {
        if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return new PortalRefusal(ApiError.BooksNotClosed);
        if (!(await list.RunAsync(date, http.After(), DeskPages.RowsPerPage, http.RequestAborted)).TryGet(out var page, out var error)) return new PortalRefusal(error);
        return Page.Of<BooksDayPage>((nameof(BooksDayPage.Shell), http.Desk()), (nameof(BooksDayPage.Day), date), (nameof(BooksDayPage.Page), page), (nameof(BooksDayPage.IsFirst), http.After().Length == 0));
    }
}

/// <param name="Closed">How many accounts' books are closed for the day.</param>
/// <param name="HasMore">Whether there may be more than are counted.</param>
public sealed record BooksLine(DateOnly Day, int Closed, int Differing, bool HasMore);
