using ServerlessImages.Accounts;
using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Desk;

/// <summary>What is not as it should be, and what operators did.</summary>
internal static class RecordPages
{
    private const int AccountCharactersMax = 64;

    public static void MapRecordPages(this WebApplication app)
    {
        app.MapGet(DeskPaths.Incidents, ShowIncidentsAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.Audit, ShowAuditAsync).RequireDesk(OperatorAccess.Read).AsPage();
    }

    private static async Task<PageResult> ShowIncidentsAsync(HttpContext http, ListIncidents list)
    {
        var found = await list.RunAsync(http.After(), DeskPages.RowsPerPage + 1, http.RequestAborted);
        return Page.Of<IncidentsPage>(
            (nameof(IncidentsPage.Shell), http.Desk()),
            (nameof(IncidentsPage.Incidents), found.Take(DeskPages.RowsPerPage).ToArray()),
            (nameof(IncidentsPage.NextCursor), found.Count > DeskPages.RowsPerPage ? found[DeskPages.RowsPerPage - 1].Cursor : null),
            (nameof(IncidentsPage.IsFirst), http.After().Length == 0));
    }

    private static async Task<PageResult> ShowAuditAsync(HttpContext http, AuditLog audit, AccountDirectory accounts)
    {
        var account = http.Asked("account", AccountCharactersMax);
        var page = await audit.PageAsync(account.Length == 0 ? null : account, http.After(), DeskPages.RowsPerPage, http.RequestAborted);
        return Page.Of<AuditLogPage>(
            (nameof(AuditLogPage.Shell), http.Desk()),
            (nameof(AuditLogPage.Acts), page.Acts),
            (nameof(AuditLogPage.AccountId), account),
            (nameof(AuditLogPage.AccountName), (await accounts.FindAsync(account, http.RequestAborted))?.Name),
            (nameof(AuditLogPage.NextCursor), page.NextCursor),
            (nameof(AuditLogPage.IsFirst), http.After().Length == 0));
    }
}
