namespace ServerlessImages.Api.Pages.Layouts;

/// <summary>What the public pages lead to.</summary>
internal static class SiteMenu
{
    public static IReadOnlyList<MenuItem> For(PageContext context) => context.HasPortal ? [.. Items, new("Sign in", Portal.PortalPaths.Home)] : Items;

    private static readonly MenuItem[] Items =
    [
        new("Prices", "/#prices"),
        new("Guides", "/guides"),
        new("API", "/docs"),
        new("Errors", "/docs/errors"),
        new("Status", "/status"),
    ];
}
