using ServerlessImages.Keys;

namespace ServerlessImages.Members;

/// <summary>What can be done in the portal.</summary>
public enum PortalAction
{
    SeeAccount,
    SeeRequests,
    UsePlayground,
    ManageKeys,
    ManageWebhooks,
    SeeBilling,
    ManageBilling,
    SeeMembers,
    ManageMembers,
    CloseAccount,
}

/// <summary>Who may do what: the one table that pages and their tests go by.</summary>
public static class PortalPermissions
{
    private static readonly Dictionary<MemberRole, PortalAction[]> ByRole = new()
    {
        [MemberRole.Owner] = Enum.GetValues<PortalAction>(),
        [MemberRole.Developer] = [PortalAction.SeeAccount, PortalAction.SeeRequests, PortalAction.UsePlayground, PortalAction.ManageKeys, PortalAction.ManageWebhooks, PortalAction.SeeMembers],
        [MemberRole.Billing] = [PortalAction.SeeAccount, PortalAction.SeeBilling, PortalAction.ManageBilling, PortalAction.SeeMembers],
    };

    public static bool Allows(MemberRole role, PortalAction action) => ByRole[role].Contains(action);

    /// <summary>What a key may do that a member of a role makes or sees anew: nobody gets by a key what their role does not allow.</summary>
    public static IReadOnlyList<string> ScopesOf(MemberRole role) => [.. Scope.All.Where(scope => Allows(role, ActionOf(scope)))];

    private static PortalAction ActionOf(string scope) => scope switch
    {
        Scope.BillingManage => PortalAction.ManageBilling,
        Scope.WebhooksManage => PortalAction.ManageWebhooks,
        _ => PortalAction.ManageKeys,
    };
}
