using ServerlessImages.Api.Portal;

namespace ServerlessImages.Api.Desk;

/// <summary>The operator's desk: pages over what the operator API does, for whoever signs in with an operator's role.</summary>
internal static class DeskPages
{
    /// <summary>Of every list.</summary>
    public const int RowsPerPage = 50;

    private const int CursorCharactersMax = 400;

    public static void MapDesk(this WebApplication app)
    {
        if (!app.HasPortal()) return;
        app.MapOverview();
        app.MapLivePage();
        app.MapAccountPages();
        app.MapAccountActs();
        app.MapAbusePage();
        app.MapPricePages();
        app.MapBooksPages();
        app.MapPaymentsPage();
        app.MapRecordPages();
    }

    /// <summary>Where a list goes on; "" for its start.</summary>
    public static string After(this HttpContext http) => http.Request.Query["after"].ToString() is { Length: <= CursorCharactersMax } after ? after : "";

    /// <summary>A value of the query as it is, or "" for what is too long to be one.</summary>
    public static string Asked(this HttpContext http, string name, int charactersMax) => http.Request.Query[name].ToString() is var text && text.Length <= charactersMax ? text.Trim() : "";
}
