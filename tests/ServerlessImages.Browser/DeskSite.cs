namespace ServerlessImages.Browser;

/// <summary>The pages of the operator's desk.</summary>
internal static class DeskSite
{
    public static IReadOnlyList<SitePage> Pages { get; } =
    [
        new("desk", "/operator", Visitor.Operator),
    ];
}
