using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace ServerlessImages.Api.Docs;

/// <summary>
/// As much of Markdown as our own documents use, made into HTML: headings, paragraphs, tables, fenced code, <c>`code`</c> and <c>**strong**</c>. All text is escaped. A third-level
/// heading opens a section that has the heading's id, so that an address with <c>#</c> points at all of it.
/// </summary>
internal static partial class Markdown
{
    private const string Fence = "```";

    /// <summary>Those below the title.</summary>
    public static IEnumerable<MarkdownHeading> Headings(string markdown)
    {
        var isCode = false;
        foreach (var line in Lines(markdown))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal)) isCode = !isCode;
            if (!isCode && HeadingOf(line) is { Level: > 1 } heading) yield return heading;
        }
    }

    public static string ToHtml(string markdown)
    {
        var html = new StringBuilder();
        var lines = new Queue<string>(Lines(markdown));
        var isInSection = false;
        while (lines.TryDequeue(out var line))
        {
            if (HeadingOf(line) is { } heading) isInSection = AddHeading(html, heading, isInSection);
            else if (line.StartsWith(Fence, StringComparison.Ordinal)) AddCode(html, lines);
            else if (line.StartsWith('|')) AddTable(html, [line, .. TakeWhile(lines, next => next.StartsWith('|'))]);
            else if (line.Length > 0) AddParagraph(html, [line, .. TakeWhile(lines, next => next.Length > 0)]);
        }

        return html.Append(isInSection ? "</section>\n" : "").ToString();
    }

    private static bool AddHeading(StringBuilder html, MarkdownHeading heading, bool isInSection)
    {
        if (isInSection) html.Append("</section>\n");
        var text = Inline(heading.Text);
        html.Append(heading.Level switch
        {
            1 => $"<h1 id=\"{heading.Id}\">{text}</h1>\n",
            2 => $"<h2 id=\"{heading.Id}\">{text}</h2>\n",
            _ => $"<section id=\"{heading.Id}\">\n<h3><a href=\"#{heading.Id}\">{text}</a></h3>\n",
        });
        return heading.Level == 3;
    }

    private static void AddCode(StringBuilder html, Queue<string> lines)
    {
        html.Append("<pre><code>");
        foreach (var line in TakeWhile(lines, next => next != Fence)) html.Append(WebUtility.HtmlEncode(line)).Append('\n');
        html.Append("</code></pre>\n");
        lines.TryDequeue(out _);
    }

    /// <param name="rows">The head, the dashes below it, and the body.</param>
    private static void AddTable(StringBuilder html, IReadOnlyList<string> rows)
    {
        html.Append("<div class=\"table\"><table>\n<thead>");
        AddRow(html, rows[0], "th");
        html.Append("</thead>\n<tbody>\n");
        foreach (var row in rows.Skip(2)) AddRow(html, row, "td");
        html.Append("</tbody>\n</table></div>\n");
    }

    private static void AddRow(StringBuilder html, string row, string cell)
    {
        html.Append("<tr>");
        foreach (var text in row.Trim().Trim('|').Split('|')) html.Append($"<{cell}>{Inline(text.Trim())}</{cell}>");
        html.Append("</tr>\n");
    }

    private static void AddParagraph(StringBuilder html, IEnumerable<string> lines) =>
        html.Append($"<p>{Inline(string.Join('\n', lines))}</p>\n");

    private static string Inline(string text) => Strong().Replace(Code().Replace(WebUtility.HtmlEncode(text), "<code>${text}</code>"), "<strong>${text}</strong>");

    private static IEnumerable<string> TakeWhile(Queue<string> lines, Func<string, bool> belongs)
    {
        while (lines.TryPeek(out var next) && belongs(next)) yield return lines.Dequeue();
    }

    private static MarkdownHeading? HeadingOf(string line) =>
        Heading().Match(line) is { Success: true } match ? new(match.Groups["marks"].Length, match.Groups["text"].Value) : null;

    private static string[] Lines(string markdown) => markdown.ReplaceLineEndings("\n").Split('\n');

    [GeneratedRegex("^(?<marks>#{1,3}) (?<text>.+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Heading();

    [GeneratedRegex("`(?<text>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\*\*(?<text>.+?)\*\*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Strong();
}

/// <param name="Level">1 to 3.</param>
internal sealed record MarkdownHeading(int Level, string Text)
{
    /// <summary>A code is its own id; other headings get hyphens for blanks, as in every Markdown viewer.</summary>
    public string Id { get; } = string.Concat(Text.ToLowerInvariant().Replace(' ', '-').Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));
}
