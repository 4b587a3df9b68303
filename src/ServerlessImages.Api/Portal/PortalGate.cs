using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Identity;
using ServerlessImages.Members;
using ServerlessImages.Notices;

namespace ServerlessImages.Api.Portal;

/// <summary>
/// Lets people into the pages that they may see, and sends them to the step that they lack: signing in, the terms, choosing an account. A form counts only with
/// the mark that its page was given in this session.
/// </summary>
internal sealed class PortalGate(RequestDelegate next, ErrorWriter errors, IAntiforgery antiforgery, People people, MemberDirectory members, AccountDirectory accounts, ReadNotices notices, IOptions<IdentityOptions> options)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        var (portal, desk) = (endpoint?.Metadata.GetMetadata<PortalAccess>(), endpoint?.Metadata.GetMetadata<DeskAccess>());
        if (portal is null && desk is null)
        {
            await next(http);
            return;
        }

        var session = await http.AuthenticateAsync(PortalSchemes.Session);
        if (session.Principal is not { } principal || SessionClaims.PersonOf(principal) is not { } person)
        {
            http.Response.Redirect(PortalPaths.SignInFor(http.Request));
            return;
        }

        http.User = principal;
        var mark = antiforgery.GetAndStoreTokens(http);
        http.Features.Set(new FormToken(mark.FormFieldName, mark.RequestToken!));
        if (!await IsOwnFormAsync(http)) await errors.WriteAsync(http, ApiError.FormExpired);
        else if (desk is not null) await AdmitOperatorAsync(http, person, desk.Role);
        else await AdmitAsync(http, person, portal!);
    }

    private async Task AdmitOperatorAsync(HttpContext http, Person person, string role)
    {
        http.Features.Set(new PortalSession(person, null));
        if (SessionClaims.IsOperator(http.User, role)) await next(http);
        else await errors.WriteAsync(http, ApiError.MissingRole(role));
    }

    private async Task AdmitAsync(HttpContext http, Person person, PortalAccess access)
    {
        if (access.Step > PortalStep.SignedIn && (await people.FindAsync(person.Id, http.RequestAborted))?.TermsVersion != options.Value.TermsVersion)
        {
            http.Response.Redirect(PortalPaths.TermsFor(http.Request));
            return;
        }

        var account = access.Step == PortalStep.Member ? await accounts.FindAsync(SessionClaims.AccountOf(http.User), http.RequestAborted) : null;
        if (account is { ClosedAt: not null })
        {
            http.Response.Redirect(PortalPaths.Closed);
            return;
        }

        var member = account is null ? null : await MemberAsync(http, person, account);
        if (access.Step == PortalStep.Member && member is null)
        {
            http.Response.Redirect(PortalPaths.Accounts);
            return;
        }

        http.Features.Set(new PortalSession(person, member) { Notices = member is null || !IsPage.Of(http) ? [] : await notices.RunAsync(member.Account.Id, http.RequestAborted) });
        if (member is null || access.Action is not { } action || member.May(action)) await next(http);
        else await errors.WriteAsync(http, ApiError.NotAllowedHere);
    }

    /// <summary>Read each time: who was taken out of an account, or lost a role, has done so with the next click.</summary>
    private async Task<PortalMember?> MemberAsync(HttpContext http, Person person, Account account) =>
        await members.FindAsync(account.Id, person.Id, http.RequestAborted) is { } member ? new PortalMember(person, account, member.Role) : null;

    private async Task<bool> IsOwnFormAsync(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || await antiforgery.IsRequestValidAsync(http);
}
