using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Overview;
using ServerlessImages.Api.Portal.Pages;
using ServerlessImages.Api.Portal.Playground;
using ServerlessImages.Api.Portal.Requests;
using ServerlessImages.Api.Portal.UsageDays;
using ServerlessImages.Identity;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal;

/// <summary>The pages that stand before the portal: signing in and out, the terms, invitations, and which account to see.</summary>
internal static class PortalPages
{
    private const long FormBytesMax = 64 * 1024;

    public static void MapPortal(this WebApplication app)
    {
        if (!app.HasPortal()) return;
        app.MapGet(PortalPaths.SignIn, SignIn).OpenToEveryone().AsPage();
        app.MapGet(PortalPaths.StartSignIn, StartSignInAsync).OpenToEveryone().AsPage();
        app.MapPost(PortalPaths.SignOut, SignOutAsync).RequireSession(PortalStep.SignedIn).TakeForm().AsPage();
        app.MapGet(PortalPaths.Terms, ShowTerms).RequireSession(PortalStep.SignedIn).AsPage();
        app.MapPost(PortalPaths.Terms, AcceptTermsAsync).RequireSession(PortalStep.SignedIn).TakeForm().AsPage();
        app.MapGet(PortalPaths.Accounts, ChooseAsync).RequireSession(PortalStep.TermsAccepted).AsPage();
        app.MapPost(PortalPaths.Accounts, ChosenAsync).RequireSession(PortalStep.TermsAccepted).TakeForm().AsPage();
        app.MapGet(PortalPaths.Invitation, ShowInvitationAsync).RequireSession(PortalStep.TermsAccepted).AsPage();
        app.MapPost(PortalPaths.Invitation, AcceptInvitationAsync).RequireSession(PortalStep.TermsAccepted).TakeForm().AsPage();
        app.MapKeyPages();
        app.MapWebhookPages();
        app.MapMemberPages();
        app.MapClosing();
        app.MapPlayground();
        app.MapBillingPages();
        app.MapOverview();
        app.MapUsagePages();
        app.MapRequestPages();
    }

    /// <summary>Bounds a form, which is read before it is known to be one of ours.</summary>
    public static TBuilder TakeForm<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyLimit(FormBytesMax));

    private static PageResult SignIn(HttpContext http) => Page.Of<SignInPage>(
        (nameof(SignInPage.Start), PortalPaths.With(PortalPaths.StartSignIn, Back(http))),
        (nameof(SignInPage.HasFailed), http.Request.Query["failed"] == "true"));

    private static async Task StartSignInAsync(HttpContext http, ErrorWriter errors)
    {
        try
        {
            await http.ChallengeAsync(PortalSchemes.Provider, new AuthenticationProperties { RedirectUri = Back(http) });
        }
        catch (Exception cause) when (cause is InvalidOperationException or IOException or HttpRequestException)
        {
            // What the provider says of itself could not be read.
            await errors.WriteAsync(http, ApiError.SignInUnavailable);
        }
    }

    /// <summary>Ends the session here. That at the provider is the provider's: others may stand on it.</summary>
    private static async Task SignOutAsync(HttpContext http)
    {
        await http.SignOutAsync(PortalSchemes.Session);
        http.Response.Redirect(PortalPaths.SignIn);
    }

    private static PageResult ShowTerms(HttpContext http, IOptions<IdentityOptions> identity) => Page.Of<TermsPage>(
        (nameof(TermsPage.Back), Back(http)),
        (nameof(TermsPage.Url), identity.Value.TermsUrl),
        (nameof(TermsPage.Person), http.Session().Person));

    private static async Task<IResult> AcceptTermsAsync(HttpContext http, People people, IOptions<IdentityOptions> identity)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form["accept"] != "on") return Results.Redirect(PortalPaths.With(PortalPaths.Terms, PortalPaths.SafeReturn(form["back"])));
        await people.AcceptTermsAsync(http.Session().Person, identity.Value.TermsVersion, CancellationToken.None);
        return Results.Redirect(PortalPaths.SafeReturn(form["back"]));
    }

    /// <summary>Whoever is in one account sees it; in several, chooses; in none, gets one.</summary>
    private static async Task<IResult> ChooseAsync(HttpContext http, MemberDirectory members, BeginAccount begin)
    {
        var person = http.Session().Person;
        var all = await members.AccountsAsync(person.Id, http.RequestAborted);
        all = [.. all.Where(each => each.Account.ClosedAt is null)];
        if (all.Count == 0) all = [await begin.RunAsync(person, CancellationToken.None)];
        if (all.Count == 1 && SessionClaims.AccountOf(http.User) != all[0].Account.Id) return await SeeAsync(http, all[0].Account.Id);
        return Page.Of<AccountsPage>((nameof(AccountsPage.Memberships), all));
    }

    private static async Task<IResult> ChosenAsync(HttpContext http, MemberDirectory members)
    {
        var id = (await http.Request.ReadFormAsync(http.RequestAborted))["account"].ToString();
        var isMember = Account.IsId(id) && await members.FindAsync(id, http.Session().Person.Id, http.RequestAborted) is not null;
        return isMember ? await SeeAsync(http, id) : new PortalRefusal(ApiError.AccountNotFound);
    }

    private static async Task<IResult> ShowInvitationAsync(string token, HttpContext http, Invitations invitations) =>
        (await invitations.FindAsync(token, http.RequestAborted)).TryGet(out var found, out var error)
            ? Page.Of<InvitationPage>((nameof(InvitationPage.Account), found.Account), (nameof(InvitationPage.Role), found.Invitation.Role))
            : new PortalRefusal(error);

    private static async Task<IResult> AcceptInvitationAsync(string token, HttpContext http, Invitations invitations)
    {
        if (!(await invitations.AcceptAsync(token, http.Session().Person, CancellationToken.None)).TryGet(out _, out var error)) return new PortalRefusal(error);
        return await SeeAsync(http, token.Split('.')[0]);
    }

    /// <summary>The session goes on, with another account in it; its end stays where it was.</summary>
    private static async Task<IResult> SeeAsync(HttpContext http, string accountId)
    {
        // Also of members of before there was an index, or who are called otherwise since.
        await http.RequestServices.GetRequiredService<MemberDirectory>().NoteNameAsync(accountId, http.Session().Person, CancellationToken.None);
        await http.SignInAsync(PortalSchemes.Session, SessionClaims.WithAccount(http.User, accountId, PortalSchemes.Session));
        return Results.Redirect(PortalPaths.Home);
    }

    private static string Back(HttpContext http) => PortalPaths.SafeReturn(http.Request.Query[PortalPaths.Return]);
}
