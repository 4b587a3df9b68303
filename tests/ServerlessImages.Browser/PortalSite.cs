namespace ServerlessImages.Browser;

/// <summary>The pages of the customer's portal.</summary>
internal static class PortalSite
{
    public static IReadOnlyList<SitePage> Pages { get; } =
    [
        new("portal", "/portal", Visitor.Customer),
        new("playground", "/portal/playground", Visitor.Customer),
    ];
}
