namespace ServerlessImages.Api.Pages.Layouts;

/// <summary>A link in a menu. Public, like everything that components take: the compiler makes those public.</summary>
/// <param name="Group">A heading above it, where it is the first of its group; null for none.</param>
public sealed record MenuItem(string Text, string Href, string? Group = null);
