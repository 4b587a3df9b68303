using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Portal.Pages;
using ServerlessImages.Identity;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal;

/// <summary>The pages that stand before the portal: signing in and out, the terms, invitations, and which account to see.</summary>
#pragma warning disable CA1859 // Handlers answer an IResult: the code that binds them is generated beside that of the components, and does not see their types.
internal static class PortalPages
{
    private const long FormBytesMax = 64 * 1024;
    private static readonly TimeSpan StyleKeptFor = TimeSpan.FromMinutes(5);
    private static readonly string Css = ReadCss();

    public static void MapPortal(this WebApplication app)
    {
        if (!app.HasPortal()) return;
        var policy = Policy(app.Services.GetRequiredService<IOptions<IdentityOptions>>().Value);
        app.MapGet(PortalPaths.SignIn, SignIn).OpenToEveryone().WithMetadata(policy);
        app.MapGet(PortalPaths.StartSignIn, StartSignInAsync).OpenToEveryone().WithMetadata(policy);
        app.MapGet(PortalPaths.Style, () => Results.Text(Css, "text/css")).OpenToEveryone().MayBeKept(StyleKeptFor);
        app.MapPost(PortalPaths.SignOut, SignOutAsync).RequireSession(PortalStep.SignedIn).TakeForm();
        app.MapGet(PortalPaths.Terms, ShowTerms).RequireSession(PortalStep.SignedIn).WithMetadata(policy);
        app.MapPost(PortalPaths.Terms, AcceptTermsAsync).RequireSession(PortalStep.SignedIn).TakeForm();
        app.MapGet(PortalPaths.Accounts, ChooseAsync).RequireSession(PortalStep.TermsAccepted).WithMetadata(policy);
        app.MapPost(PortalPaths.Accounts, ChosenAsync).RequireSession(PortalStep.TermsAccepted).TakeForm();
        app.MapGet(PortalPaths.Invitation, ShowInvitationAsync).RequireSession(PortalStep.TermsAccepted).WithMetadata(policy);
        app.MapPost(PortalPaths.Invitation, AcceptInvitationAsync).RequireSession(PortalStep.TermsAccepted).TakeForm();
        app.MapGet(PortalPaths.Home, ShowHome).RequireMember(PortalAction.SeeAccount).WithMetadata(policy);
    }

    /// <summary>Bounds a form, which is read before it is known to be one of ours.</summary>
    public static TBuilder TakeForm<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyLimit(FormBytesMax));

    /// <summary>What a page of the portal may load: its own style, and forms to itself and on to the provider, where signing out ends.</summary>
    internal static PagePolicy Policy(IdentityOptions identity) =>
        new($"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self' {identity.Authority!.GetLeftPart(UriPartial.Authority)}; frame-ancestors 'none'");

    /// <summary>The mark that a form of this session has to bring.</summary>
    internal static string MarkOf(HttpContext http) => http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http).RequestToken!;

    private static IResult SignIn(HttpContext http) => new RazorComponentResult<SignInPage>(new Dictionary<string, object?>
    {
        [nameof(SignInPage.Start)] = PortalPaths.With(PortalPaths.StartSignIn, Back(http)),
        [nameof(SignInPage.HasFailed)] = http.Request.Query["failed"] == "true",
    });

    private static async Task StartSignInAsync(HttpContext http)
    {
        try
        {
            await http.ChallengeAsync(PortalSchemes.Provider, new AuthenticationProperties { RedirectUri = Back(http) });
        }
        catch (Exception cause) when (cause is InvalidOperationException or IOException or HttpRequestException)
        {
            // What the provider says of itself could not be read.
            await PortalNotice.WriteAsync(http, ApiError.SignInUnavailable);
        }
    }

    /// <summary>Ends the session here and, where the provider has an address for it, there too.</summary>
    private static async Task SignOutAsync(HttpContext http)
    {
        await http.SignOutAsync(PortalSchemes.Session);
        http.Response.Redirect(PortalPaths.SignIn);
    }

    private static IResult ShowTerms(HttpContext http, IOptions<IdentityOptions> identity) => new RazorComponentResult<TermsPage>(new Dictionary<string, object?>
    {
        [nameof(TermsPage.Mark)] = MarkOf(http),
        [nameof(TermsPage.Back)] = Back(http),
        [nameof(TermsPage.Url)] = identity.Value.TermsUrl,
        [nameof(TermsPage.Person)] = http.Session().Person,
    });

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
        if (all.Count == 0) all = [await begin.RunAsync(person, CancellationToken.None)];
        if (all.Count == 1 && SessionClaims.AccountOf(http.User) != all[0].Account.Id) return await SeeAsync(http, all[0].Account.Id);
        return new RazorComponentResult<AccountsPage>(new Dictionary<string, object?> { [nameof(AccountsPage.Mark)] = MarkOf(http), [nameof(AccountsPage.Memberships)] = all });
    }

    private static async Task<IResult> ChosenAsync(HttpContext http, MemberDirectory members)
    {
        var id = (await http.Request.ReadFormAsync(http.RequestAborted))["account"].ToString();
        var isMember = Account.IsId(id) && await members.FindAsync(id, http.Session().Person.Id, http.RequestAborted) is not null;
        return isMember ? await SeeAsync(http, id) : new PortalNotice(ApiError.AccountNotFound);
    }

    private static async Task<IResult> ShowInvitationAsync(string token, HttpContext http, Invitations invitations) =>
        (await invitations.FindAsync(token, http.RequestAborted)).TryGet(out var found, out var error)
            ? new RazorComponentResult<InvitationPage>(new Dictionary<string, object?> { [nameof(InvitationPage.Mark)] = MarkOf(http), [nameof(InvitationPage.Account)] = found.Account, [nameof(InvitationPage.Role)] = found.Invitation.Role })
            : new PortalNotice(error);

    private static async Task<IResult> AcceptInvitationAsync(string token, HttpContext http, Invitations invitations)
    {
        if (!(await invitations.AcceptAsync(token, http.Session().Person, CancellationToken.None)).TryGet(out _, out var error)) return new PortalNotice(error);
        return await SeeAsync(http, token.Split('.')[0]);
    }

    private static IResult ShowHome(HttpContext http) => new RazorComponentResult<HomePage>(new Dictionary<string, object?> { [nameof(HomePage.Mark)] = MarkOf(http), [nameof(HomePage.Member)] = http.Member() });

    /// <summary>The session goes on, with another account in it; its end stays where it was.</summary>
    private static async Task<IResult> SeeAsync(HttpContext http, string accountId)
    {
        await http.SignInAsync(PortalSchemes.Session, SessionClaims.WithAccount(http.User, accountId, PortalSchemes.Session));
        return Results.Redirect(PortalPaths.Home);
    }

    private static string Back(HttpContext http) => PortalPaths.SafeReturn(http.Request.Query[PortalPaths.Return]);

    private static string ReadCss()
    {
        using var stream = typeof(PortalPages).Assembly.GetManifestResourceStream("portal.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
