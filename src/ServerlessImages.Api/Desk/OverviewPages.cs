using ServerlessImages.Accounts;
using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Books;
using ServerlessImages.Operators;
using ServerlessImages.Revenue;

namespace ServerlessImages.Api.Desk;

/// <summary>Whether money, machines and customers are well, at a glance; and the money by days, models and accounts.</summary>
internal static class OverviewPages
{
    private const int Days = 30;
    private const int LinesShown = 8;
    private const int RevenueLinesShown = 500;

    public static void MapOverview(this WebApplication app)
    {
        app.MapGet(DeskPaths.Home, ShowHomeAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.Revenue, ShowRevenueAsync).RequireDesk(OperatorAccess.Read).AsPage();
    }

    private static async Task<IResult> ShowHomeAsync(HttpContext http, ReadRevenue revenue, AccountDirectory accounts, ReadLive live, StandingOfDesk standing, TimeProvider clock)
    {
        var cancel = http.RequestAborted;
        var tomorrow = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1);
        if (!(await revenue.RunAllAsync(new(tomorrow.AddDays(-Days), tomorrow, RevenueGroup.Day, null), cancel)).TryGet(out var reports, out var error)) return new PortalRefusal(error);
        var byDay = reports[RevenueGroup.Day];
        return Page.Of<OverviewPage>(
            (nameof(OverviewPage.Shell), http.Desk()),
            (nameof(OverviewPage.ByDay), byDay),
            (nameof(OverviewPage.Today), byDay.Lines.Where(line => line.Group == BooksDay.Key(tomorrow.AddDays(-1))).Select(line => line.Sums).FirstOrDefault() ?? RevenueSums.None),
            (nameof(OverviewPage.Models), reports[RevenueGroup.Model].Lines.Take(LinesShown).ToArray()),
            (nameof(OverviewPage.Accounts), await NamedAsync(accounts, reports[RevenueGroup.Account].Lines.Take(LinesShown), cancel)),
            (nameof(OverviewPage.Live), await live.RunAsync(cancel)),
            (nameof(OverviewPage.Standing), await standing.ReadAsync(cancel)));
    }

    private static async Task<IResult> ShowRevenueAsync(HttpContext http, ReadRevenue revenue, AccountDirectory accounts, TimeProvider clock)
    {
        var fields = new QueryFields(http.Request.Query);
        if (!RevenueApi.Query(fields, clock.GetUtcNow()).TryGet(out var query, out var error)) return Asked(http, clock, error);
        if (query.AccountId is { } id && await accounts.FindAsync(id, http.RequestAborted) is null) return Asked(http, clock, ApiError.AccountNotFound with { Param = "account_id" });
        if (!(await revenue.RunAsync(query, http.RequestAborted)).TryGet(out var report, out error)) return Asked(http, clock, error);
        var lines = report.Lines.Take(RevenueLinesShown);
        return Page.Of<RevenuePage>(
            (nameof(RevenuePage.Shell), http.Desk()),
            (nameof(RevenuePage.Report), report),
            (nameof(RevenuePage.Lines), query.Group == RevenueGroup.Account ? await NamedAsync(accounts, lines, http.RequestAborted) : [.. lines.Select(line => new RevenueLine(line.Group, "", line.Sums))]));
    }

    /// <summary>The form again, with what is wrong and nothing below it.</summary>
    private static PageResult Asked(HttpContext http, TimeProvider clock, ApiError error)
    {
        var tomorrow = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1);
        var report = new RevenueReport(new(tomorrow.AddDays(-Days), tomorrow, RevenueGroup.Day, null), [], RevenueSums.None, IsComplete: true);
        var typed = http.Request.Query.ToDictionary(each => each.Key, each => each.Value.ToString(), StringComparer.Ordinal);
        return Page.Answer<RevenuePage>(StatusCodes.Status422UnprocessableEntity, (nameof(RevenuePage.Shell), http.Desk()), (nameof(RevenuePage.Report), report), (nameof(RevenuePage.Form), FormState.Of(typed, error)));
    }

    private static async Task<RevenueLine[]> NamedAsync(AccountDirectory accounts, IEnumerable<(string Group, RevenueSums Sums)> lines, CancellationToken cancel)
    {
        var named = new List<RevenueLine>();
        foreach (var (id, sums) in lines) named.Add(new(id, (await accounts.FindAsync(id, cancel))?.Name ?? "", sums));
        return [.. named];
    }
}

/// <param name="Group">A day, a model or an account's id.</param>
/// <param name="Name">Of the account; "" for others.</param>
public sealed record RevenueLine(string Group, string Name, RevenueSums Sums);
