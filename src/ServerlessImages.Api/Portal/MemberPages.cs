using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Members;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal;

/// <summary>Who is in an account. Owners decide; everybody may see, and leave.</summary>
internal static class MemberPages
{
    private const int IdCharactersMax = 64;

    public static void MapMemberPages(this WebApplication app)
    {
        app.MapGet(PortalPaths.Members, ListAsync).RequireMember(PortalAction.SeeMembers).AsPage();
        app.MapPost(PortalPaths.Invite, InviteAsync).RequireMember(PortalAction.ManageMembers).TakeForm().AsPage();
        app.MapPost(PortalPaths.Withdraw, WithdrawAsync).RequireMember(PortalAction.ManageMembers).TakeForm().AsPage();
        app.MapPost(PortalPaths.Member + "/role", ChangeRoleAsync).RequireMember(PortalAction.ManageMembers).TakeForm().AsPage();
        app.MapGet(PortalPaths.Member + "/remove", AskToRemoveAsync).RequireMember(PortalAction.ManageMembers).AsPage();
        app.MapPost(PortalPaths.Member + "/remove", RemoveAsync).RequireMember(PortalAction.ManageMembers).TakeForm().AsPage();
        app.MapGet(PortalPaths.Leave, AskToLeave).RequireMember(PortalAction.SeeMembers).AsPage();
        app.MapPost(PortalPaths.Leave, LeaveAsync).RequireMember(PortalAction.SeeMembers).TakeForm().AsPage();
    }

    private static Task<PageResult> ListAsync(HttpContext http, MemberDirectory members, Invitations invitations) => PageAsync(http, members, invitations, FormState.Fresh);

    private static async Task<PageResult> PageAsync(HttpContext http, MemberDirectory members, Invitations invitations, FormState form)
    {
        var account = http.Member().Account.Id;
        return Page.Answer<MembersPage>(
            form.Status,
            (nameof(MembersPage.Shell), http.Shell()),
            (nameof(MembersPage.Members), (await members.MembersAsync(account, http.RequestAborted)).OrderBy(each => each.Since).ToArray()),
            (nameof(MembersPage.Open), http.Member().May(PortalAction.ManageMembers) ? await invitations.ListAsync(account, http.RequestAborted) : []),
            (nameof(MembersPage.Form), form),
            (nameof(MembersPage.Done), DoneOf(http.Request.Query["done"])));
    }

    private static async Task<IResult> InviteAsync(HttpContext http, MemberDirectory members, Invitations invitations)
    {
        var form = await ReadRoleAsync(http);
        if (form.Error is { } wrong) return await PageAsync(http, members, invitations, form.Wrong(wrong));
        var made = await invitations.InviteAsync(http.Member().Account, form.Value, http.Member().Person.Id, CancellationToken.None);
        if (!made.TryGet(out var invited, out var error)) return await PageAsync(http, members, invitations, form.Wrong(error));
        return Page.Of<InvitedPage>(
            (nameof(InvitedPage.Shell), http.Shell()),
            (nameof(InvitedPage.Invitation), invited.Invitation),
            (nameof(InvitedPage.Token), invited.Token));
    }

    private static async Task<IResult> WithdrawAsync(HttpContext http, Invitations invitations)
    {
        var form = await http.ReadPageFormAsync(fields => fields.Text("invitation", IdCharactersMax));
        if (form.Error is { } wrong) return new PortalRefusal(wrong);
        var account = http.Member().Account.Id;
        if ((await invitations.ListAsync(account, http.RequestAborted)).All(each => each.Id != form.Value)) return new PortalRefusal(ApiError.InvitationNotValid);
        await invitations.WithdrawAsync(account, form.Value!, CancellationToken.None);
        return Go("withdrawn");
    }

    private static async Task<IResult> ChangeRoleAsync(string person, HttpContext http, MemberDirectory members, Invitations invitations)
    {
        if (await FindAsync(http, members, person) is null) return new PortalRefusal(ApiError.MemberNotFound);
        var form = await ReadRoleAsync(http);
        if (form.Error is { } wrong) return await PageAsync(http, members, invitations, form.Wrong(wrong));
        return Go("changed", await members.SetRoleAsync(http.Member().Account.Id, person, form.Value, CancellationToken.None));
    }

    private static async Task<IResult> AskToRemoveAsync(string person, HttpContext http, MemberDirectory members) =>
        await FindAsync(http, members, person) is { } found
            ? Page.Of<RemoveMemberPage>((nameof(RemoveMemberPage.Shell), http.Shell()), (nameof(RemoveMemberPage.Person), found.Person))
            : new PortalRefusal(ApiError.MemberNotFound);

    private static async Task<IResult> RemoveAsync(string person, HttpContext http, MemberDirectory members) =>
        Person.IsId(person) ? Go("removed", await members.RemoveAsync(http.Member().Account.Id, person, CancellationToken.None)) : new PortalRefusal(ApiError.MemberNotFound);

    private static PageResult AskToLeave(HttpContext http) => Page.Of<RemoveMemberPage>((nameof(RemoveMemberPage.Shell), http.Shell()), (nameof(RemoveMemberPage.Person), null));

    private static async Task<IResult> LeaveAsync(HttpContext http, MemberDirectory members) =>
        (await members.RemoveAsync(http.Member().Account.Id, http.Member().Person.Id, CancellationToken.None)).TryGet(out _, out var error) ? Results.Redirect(PortalPaths.Accounts) : new PortalRefusal(error);

    private static async Task<Member?> FindAsync(HttpContext http, MemberDirectory members, string person) =>
        Person.IsId(person) ? await members.FindAsync(http.Member().Account.Id, person, http.RequestAborted) : null;

    private static async Task<PageForm<MemberRole>> ReadRoleAsync(HttpContext http)
    {
        var form = await http.ReadPageFormAsync(fields => fields.OptionalWord<MemberRole>("role"));
        return new PageForm<MemberRole>(form.Value ?? MemberRole.Billing, form.Error ?? (form.Value is null ? ApiError.MissingParameter("role") : null), form.Typed);
    }

    private static IResult Go(string done, Result<Member> changed) => changed.TryGet(out _, out var error) ? Go(done) : new PortalRefusal(error);

    private static IResult Go(string done) => Results.Redirect($"{PortalPaths.Members}?done={done}");

    private static string? DoneOf(string? word) => word switch
    {
        "changed" => "The member has the new role, from their next click on.",
        "removed" => "The member is out, from their next click on.",
        "withdrawn" => "The invitation is taken back: its link is good for nothing.",
        _ => null,
    };
}
