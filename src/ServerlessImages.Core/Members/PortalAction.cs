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
}
