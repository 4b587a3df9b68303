using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Deployments;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Desk;

/// <summary>What is going on just now. Asked for again by a link: what moves by itself cannot be read.</summary>
internal static class LivePages
{
    public static void MapLivePage(this WebApplication app) => app.MapGet(DeskPaths.Live, ShowAsync).RequireDesk(OperatorAccess.Read).AsPage();

    private static async Task<PageResult> ShowAsync(HttpContext http, ReadLive live, IImageDeployments deployments, DeploymentStates states, TimeProvider clock) => Page.Of<LivePage>(
        (nameof(LivePage.Shell), http.Desk()),
        (nameof(LivePage.View), await live.RunAsync(http.RequestAborted)),
        (nameof(LivePage.Deployments), await LiveApi.LookAsync(deployments, states, http.RequestAborted)),
        (nameof(LivePage.Now), clock.GetUtcNow()));
}
