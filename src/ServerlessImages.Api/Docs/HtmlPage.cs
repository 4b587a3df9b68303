using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Api.Docs;

/// <summary>A document as one page that needs nothing else: no script, no font, no second request.</summary>
/// <param name="SecurityPolicy">Allows the page's own style, by its hash, and nothing else.</param>
internal sealed record HtmlPage(string Html, string SecurityPolicy)
{
    public static HtmlPage Of(string title, string markdown, string style) => Whole(
        title,
        style,
        $"""
        <nav aria-label="On this page">
        {Contents(Markdown.Headings(markdown))}</nav>
        <main>
        {Markdown.ToHtml(markdown)}</main>
        """);

    /// <summary>A page that says one thing.</summary>
    public static HtmlPage Notice(string title, string text, string style) => Whole(
        title,
        style,
        $"""
        <main>
        <p class="from">ServerlessImages</p>
        <h1>{WebUtility.HtmlEncode(title)}</h1>
        <p>{WebUtility.HtmlEncode(text)}</p>
        </main>
        """);

    private static HtmlPage Whole(string title, string style, string body)
    {
        var html = $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{WebUtility.HtmlEncode(title)} · ServerlessImages</title>
            <style>{style}</style>
            </head>
            <body>
            {body}
            </body>
            </html>

            """;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        return new(html, $"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    private static string Contents(IEnumerable<MarkdownHeading> headings) =>
        string.Concat(headings.Select(heading => string.Create(CultureInfo.InvariantCulture, $"<a class=\"level{heading.Level}\" href=\"#{heading.Id}\">{WebUtility.HtmlEncode(heading.Text)}</a>\n")));
}
