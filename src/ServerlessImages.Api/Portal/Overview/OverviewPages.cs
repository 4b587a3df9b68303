using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal.Overview;

internal static class OverviewPages
{
    public static void MapOverview(this WebApplication app) => app.MapGet(PortalPaths.Home, ShowAsync).RequireMember(PortalAction.SeeAccount).AsPage();

    private static async Task<PageResult> ShowAsync(HttpContext http, ReadOverview read) => Page.Of<HomePage>(
        (nameof(HomePage.Shell), http.Shell()),
        (nameof(HomePage.View), await read.RunAsync(http.Member(), http.RequestAborted)));
}
