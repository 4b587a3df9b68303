using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;

namespace ServerlessImages.Api.Desk;

/// <summary>Accounts whose prompts the content filter refuses.</summary>
internal static class AbusePages
{
    public static void MapAbusePage(this WebApplication app) => app.MapGet(DeskPaths.Abuse, ShowAsync).RequireDesk(OperatorAccess.Read).AsPage();

    private static async Task<PageResult> ShowAsync(HttpContext http, StruckAccounts struck, AccountDirectory accounts, Ladder ladder, TimeProvider clock)
    {
        var (found, cursor) = await struck.PageAsync(http.After(), DeskPages.RowsPerPage, http.RequestAborted);
        var rows = await Task.WhenAll(found.Select(async each => new StruckRow(each, (await accounts.FindAsync(each.Partition.Account, http.RequestAborted))?.Name ?? "")));
        return Page.Of<AbusePage>(
            (nameof(AbusePage.Shell), http.Desk()),
            (nameof(AbusePage.Rows), rows),
            (nameof(AbusePage.Ladder), ladder),
            (nameof(AbusePage.Now), clock.GetUtcNow()),
            (nameof(AbusePage.NextCursor), cursor),
            (nameof(AbusePage.IsFirst), http.After().Length == 0));
    }
}

public sealed record StruckRow(StruckAccount Struck, string Name);
