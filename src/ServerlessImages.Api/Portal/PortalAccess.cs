using ServerlessImages.Members;
using ServerlessImages.Notices;

namespace ServerlessImages.Api.Portal;

/// <summary>How far somebody has to have come to see a page of the portal.</summary>
internal enum PortalStep
{
    /// <summary>Signed in, whatever else.</summary>
    SignedIn,

    /// <summary>And has accepted the terms.</summary>
    TermsAccepted,

    /// <summary>And is a member of the account that they see.</summary>
    Member,
}

/// <summary>Whom a page of the portal is for. No API key opens it, and no session opens the API.</summary>
/// <param name="Action">What a member's role has to allow; null below <see cref="PortalStep.Member"/>.</param>
internal sealed record PortalAccess(PortalStep Step, PortalAction? Action);

/// <summary>The page of a desk for operators: asks for the operator's role in the session.</summary>
internal sealed record DeskAccess(string Role);

internal static class PortalAccessExtensions
{
    /// <summary>For members of the account whose role allows the action.</summary>
    public static TBuilder RequireMember<TBuilder>(this TBuilder builder, PortalAction action)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new PortalAccess(PortalStep.Member, action));

    /// <summary>For whoever is signed in and has come so far.</summary>
    public static TBuilder RequireSession<TBuilder>(this TBuilder builder, PortalStep step)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new PortalAccess(step, null));

    /// <summary>For operators: the page's counterpart of <see cref="Operators.OperatorAccess"/>.</summary>
    public static TBuilder RequireDesk<TBuilder>(this TBuilder builder, string role)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new DeskAccess(role));

    /// <summary>Whether a session opens it, and no key does.</summary>
    public static bool IsPage(this Endpoint endpoint) => endpoint.Metadata.GetMetadata<PortalAccess>() is not null || endpoint.Metadata.GetMetadata<DeskAccess>() is not null;

    /// <summary>The session of this call: there on every page that is not open to all.</summary>
    public static PortalSession Session(this HttpContext http) => http.Features.Get<PortalSession>() ?? throw new InvalidOperationException("This page is open to all: it has no session.");

    /// <summary>The member who calls: there on every page that asks for one.</summary>
    public static PortalMember Member(this HttpContext http) => http.Session().Member ?? throw new InvalidOperationException("This page asks for no member.");
}

/// <summary>Who is signed in.</summary>
/// <param name="Member">Null where the page asks for none.</param>
internal sealed record PortalSession(Person Person, PortalMember? Member)
{
    /// <summary>What the account's people have to know before all else.</summary>
    public IReadOnlyList<AccountNotice> Notices { get; init; } = [];
}

/// <summary>A person in the account that they chose to see, with the role that they have there now.</summary>
public sealed record PortalMember(Person Person, Accounts.Account Account, MemberRole Role)
{
    public bool May(PortalAction action) => PortalPermissions.Allows(Role, action);
}
