using ServerlessImages.Keys;
using ServerlessImages.Members;

namespace ServerlessImages.Tests.Members;

/// <summary>The table once more, by hand: who changes what somebody may do changes two files.</summary>
public sealed class PortalPermissionsTests
{
    [Theory]
    [InlineData(PortalAction.SeeAccount, true, true, true)]
    [InlineData(PortalAction.SeeRequests, true, true, false)]
    [InlineData(PortalAction.UsePlayground, true, true, false)]
    [InlineData(PortalAction.ManageKeys, true, true, false)]
    [InlineData(PortalAction.ManageWebhooks, true, true, false)]
    [InlineData(PortalAction.SeeBilling, true, false, true)]
    [InlineData(PortalAction.ManageBilling, true, false, true)]
    [InlineData(PortalAction.SeeMembers, true, true, true)]
    [InlineData(PortalAction.ManageMembers, true, false, false)]
    [InlineData(PortalAction.CloseAccount, true, false, false)]
    public void Each_role_may_what_it_is_for(PortalAction action, bool owner, bool developer, bool billing) =>
        Assert.Equal((owner, developer, billing), (May(MemberRole.Owner, action), May(MemberRole.Developer, action), May(MemberRole.Billing, action)));

    [Fact]
    public void Every_action_is_in_the_table_above() =>
        Assert.Equal(Enum.GetValues<PortalAction>().Length, typeof(PortalPermissionsTests).GetMethod(nameof(Each_role_may_what_it_is_for))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Length);

    [Fact]
    public void Nobody_gets_by_a_key_what_their_role_does_not_allow()
    {
        Assert.Equal(Scope.All, PortalPermissions.ScopesOf(MemberRole.Owner));
        Assert.Equal(Scope.All.Except([Scope.BillingManage]), PortalPermissions.ScopesOf(MemberRole.Developer));
        Assert.Equal([Scope.BillingManage], PortalPermissions.ScopesOf(MemberRole.Billing));
    }

    private static bool May(MemberRole role, PortalAction action) => PortalPermissions.Allows(role, action);
}
