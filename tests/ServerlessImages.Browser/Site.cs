namespace ServerlessImages.Browser;

/// <summary>Every page that is looked at: a new one is added here, and is then checked and photographed like the others.</summary>
internal static class Site
{
    private static readonly SitePage[] Public =
    [
        new("landing", "/"),
        new("guides", "/guides"),
        new("guide", "/guides/first-image"),
        new("errors", "/docs/errors"),
        new("status", "/status"),
        new("payment-return", "/billing/return"),
        new("not-found", "/nothing/here", Status: 404),
        new("style", "/style"),
        new("sign-in", "/portal/sign-in"),
    ];

    public static IReadOnlyList<SitePage> Pages { get; } = [.. Public, .. PortalSite.Pages, .. DeskSite.Pages];
}

/// <param name="Name">Of its pictures.</param>
/// <param name="Path">Relative to the site.</param>
/// <param name="Visitor">Who looks at it.</param>
/// <param name="Status">With which it is answered.</param>
internal sealed record SitePage(string Name, string Path, Visitor Visitor = Visitor.Anyone, int Status = 200)
{
    public override string ToString() => Name;
}

/// <summary>Whoever comes with a browser. Those with a session sign in once; see <see cref="RunningSite.VisitAsync"/>.</summary>
internal enum Visitor
{
    Anyone,

    /// <summary>The owner of the demo account.</summary>
    Customer,

    /// <summary>Whoever works at the desk.</summary>
    Operator,
}
