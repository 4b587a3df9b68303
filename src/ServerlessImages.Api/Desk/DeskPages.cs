using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;

namespace ServerlessImages.Api.Desk;

/// <summary>The operator's desk: pages over what the operator API does, for whoever signs in with an operator's role.</summary>
internal static class DeskPages
{
    public static void MapDesk(this WebApplication app)
    {
        if (!app.HasPortal()) return;
        app.MapGet(DeskPaths.Home, ShowHome).RequireDesk(OperatorAccess.Read).AsPage();
    }

    private static PageResult ShowHome(HttpContext http) => Page.Of<HomePage>((nameof(HomePage.Shell), http.Desk()));
}
