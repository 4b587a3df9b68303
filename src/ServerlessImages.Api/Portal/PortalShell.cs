using ServerlessImages.Api.Pages.Layouts;
using ServerlessImages.Members;
using ServerlessImages.Notices;

namespace ServerlessImages.Api.Portal;

/// <summary>What stands around every page of the portal: who sees it, of which account, what they have to know, and where they can go from there.</summary>
public sealed record PortalShell(PortalMember Member, IReadOnlyList<AccountNotice> Notices)
{
    /// <summary>Each page of the menu and what a member's role has to allow for it to be there.</summary>
    private static readonly (MenuItem Item, PortalAction Action)[] All =
    [
        (new("Overview", PortalPaths.Home), PortalAction.SeeAccount),
        (new("Usage", PortalPaths.Usage), PortalAction.SeeAccount),
        (new("Requests", PortalPaths.Requests), PortalAction.SeeRequests),
        (new("Playground", PortalPaths.Playground, "Build"), PortalAction.UsePlayground),
        (new("API keys", PortalPaths.Keys), PortalAction.ManageKeys),
        (new("Webhooks", PortalPaths.Webhooks), PortalAction.ManageWebhooks),
        (new("Billing", PortalPaths.Billing, "Account"), PortalAction.SeeBilling),
        (new("Members", PortalPaths.Members), PortalAction.SeeMembers),
        (new("Close account", PortalPaths.Close), PortalAction.CloseAccount),
    ];

    public IReadOnlyList<MenuItem> Menu { get; } = [.. All.Where(each => Member.May(each.Action)).Select(each => each.Item)];
}

internal static class PortalShellExtensions
{
    public static PortalShell Shell(this HttpContext http) => new(http.Member(), http.Session().Notices);
}
