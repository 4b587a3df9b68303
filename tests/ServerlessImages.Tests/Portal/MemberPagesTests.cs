using System.Net;
using System.Text.RegularExpressions;
using ServerlessImages.Members;

namespace ServerlessImages.Tests.Portal;

/// <summary>Who is in an account, as owners change it in the portal and as others see it.</summary>
public sealed partial class MemberPagesTests(PortalFixture portal) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task A_link_is_shown_once_and_brings_somebody_in_with_its_role()
    {
        using var owner = await portal.OwnerAsync();
        var made = await owner.SendAsync(await owner.GetAsync("/portal/members"), "/portal/members/invite", ("role", "billing"));
        var link = LinkText().Match(made.Html).Value;
        var list = await owner.GetAsync("/portal/members");

        using var payer = await portal.OwnerAsync();
        await payer.SendAsync(await payer.GetAsync(new Uri(link).AbsolutePath));

        Assert.Contains("Open invitations", list.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(link.Split('.')[^1], list.Html, StringComparison.Ordinal);
        Assert.Equal([MemberRole.Owner, MemberRole.Billing], await RolesAsync(owner));
        Assert.DoesNotContain("Open invitations", (await owner.GetAsync("/portal/members")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invitation_that_was_taken_back_leads_nowhere()
    {
        using var owner = await portal.OwnerAsync();
        var made = await owner.SendAsync(await owner.GetAsync("/portal/members"), "/portal/members/invite", ("role", "owner"));
        var path = new Uri(LinkText().Match(made.Html).Value).AbsolutePath;

        var list = await owner.SendAsync(await owner.GetAsync("/portal/members"), "/portal/members/withdraw");

        Assert.Contains("The invitation is taken back", list.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync(path)).Status);
    }

    [Fact]
    public async Task A_role_is_changed_and_a_member_removed()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);
        var person = await OtherAsync(owner);

        await owner.SendAsync(await owner.GetAsync("/portal/members"), $"/portal/members/{person}/role", ("role", "billing"));
        var withRole = (await RolesAsync(owner), (await developer.GetAsync("/portal/keys")).Status);
        await owner.SendAsync(await owner.GetAsync($"/portal/members/{person}/remove"), $"/portal/members/{person}/remove");

        Assert.Equal([MemberRole.Owner, MemberRole.Billing], withRole.Item1);
        Assert.Equal(HttpStatusCode.Forbidden, withRole.Status);
        Assert.Equal([MemberRole.Owner], await RolesAsync(owner));
    }

    [Fact]
    public async Task The_last_owner_neither_leaves_nor_becomes_less()
    {
        using var owner = await portal.OwnerAsync();
        var person = (await MembersAsync(owner)).Single().Person.Id;

        var left = await owner.SendAsync(await owner.GetAsync("/portal/members/leave"), "/portal/members/leave");
        var changed = await owner.ForgeAsync($"/portal/members/{person}/role", ("role", "developer"));

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (left.Status, changed.Status));
        Assert.Equal([MemberRole.Owner], await RolesAsync(owner));
    }

    [Fact]
    public async Task Whoever_leaves_is_out()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);

        await developer.SendAsync(await developer.GetAsync("/portal/members/leave"), "/portal/members/leave");

        Assert.Equal([MemberRole.Owner], await RolesAsync(owner));
        Assert.DoesNotContain(owner.Account, (await developer.GetAsync("/portal")).Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("role", "king")]
    [InlineData("role", "")]
    [InlineData("surprise", "1")]
    public async Task What_is_wrong_invites_nobody_and_changes_no_role(string field, string value)
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);
        (string, string)[] fields = field == "role" ? [(field, value)] : [("role", "owner"), (field, value)];

        var invited = await owner.ForgeAsync("/portal/members/invite", fields);
        var changed = await owner.ForgeAsync($"/portal/members/{await OtherAsync(owner)}/role", fields);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (invited.Status, changed.Status));
        Assert.Empty(await portal.Of<Invitations>().ListAsync(owner.Account, Cancel));
        Assert.Equal([MemberRole.Owner, MemberRole.Developer], await RolesAsync(owner));
    }

    [Fact]
    public async Task Whoever_is_no_owner_sees_the_members_and_changes_nothing()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);
        var person = (await MembersAsync(owner)).Single(each => each.Role == MemberRole.Owner).Person.Id;

        var list = await developer.GetAsync("/portal/members");
        var statuses = new[]
        {
            (await developer.ForgeAsync("/portal/members/invite", ("role", "owner"))).Status,
            (await developer.ForgeAsync("/portal/members/withdraw", ("invitation", "inv_1"))).Status,
            (await developer.ForgeAsync($"/portal/members/{await OtherAsync(owner)}/role", ("role", "owner"))).Status,
            (await developer.ForgeAsync($"/portal/members/{person}/remove")).Status,
            (await developer.GetAsync($"/portal/members/{person}/remove")).Status,
        };

        Assert.Equal(HttpStatusCode.OK, list.Status);
        Assert.DoesNotContain("Invite somebody", list.Html, StringComparison.Ordinal);
        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.Forbidden, status));
        Assert.Equal([MemberRole.Owner, MemberRole.Developer], await RolesAsync(owner));
    }

    [Fact]
    public async Task Another_accounts_member_and_invitation_are_not_there()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);
        using var stranger = await portal.OwnerAsync();
        await owner.SendAsync(await owner.GetAsync("/portal/members"), "/portal/members/invite", ("role", "billing"));
        var (person, invitation) = (await OtherAsync(owner), (await portal.Of<Invitations>().ListAsync(owner.Account, Cancel)).Single().Id);

        var statuses = new[]
        {
            (await stranger.ForgeAsync($"/portal/members/{person}/role", ("role", "owner"))).Status,
            (await stranger.ForgeAsync($"/portal/members/{person}/remove")).Status,
            (await stranger.GetAsync($"/portal/members/{person}/remove")).Status,
            (await stranger.ForgeAsync("/portal/members/O/remove")).Status,
            (await stranger.ForgeAsync("/portal/members/withdraw", ("invitation", invitation))).Status,
        };

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.Equal([MemberRole.Owner, MemberRole.Developer], await RolesAsync(owner));
        Assert.Single(await portal.Of<Invitations>().ListAsync(owner.Account, Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<IReadOnlyList<Member>> MembersAsync(PortalVisitor visitor) => portal.Of<MemberDirectory>().MembersAsync(visitor.Account, Cancel);

    private async Task<IEnumerable<MemberRole>> RolesAsync(PortalVisitor visitor) => (await MembersAsync(visitor)).Select(each => each.Role).Order();

    /// <summary>The one who is no owner.</summary>
    private async Task<string> OtherAsync(PortalVisitor visitor) => (await MembersAsync(visitor)).Single(each => each.Role != MemberRole.Owner).Person.Id;

    [GeneratedRegex("http://[^<\"]*/portal/invitations/[^<\"]+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex LinkText();
}
