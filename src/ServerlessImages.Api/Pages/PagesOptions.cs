namespace ServerlessImages.Api.Pages;

public sealed class PagesOptions
{
    public const string Section = "Pages";

    /// <summary>Whether <c>/style</c> shows every part that pages are made of, for those who make pages.</summary>
    /// <value>Default: false.</value>
    public bool ShowStyle { get; init; }
}
