using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace ServerlessImages.Api.Docs;

/// <summary>
/// As much of Markdown as our own documents use, made into HTML: headings, paragraphs, lists, tables, fenced code, links, <c>`code`</c> and <c>**strong**</c>. All
/// text is escaped. A third-level heading opens a section that has the heading's id, so that an address with <c>#</c> points at all of it. Code in several languages
/// without anything between is one thing in the reader's choice of language.
/// </summary>
internal static partial class Markdown
{
    private const string Fence = "```";

    /// <summary>Those below the title.</summary>
    public static IEnumerable<MarkdownHeading> Headings(string markdown) => AllHeadings(markdown).Where(heading => heading.Level > 1);

    public static string Title(string markdown) => AllHeadings(markdown).First(heading => heading.Level == 1).Text;

    /// <summary>The first paragraph, on one line.</summary>
    public static string Summary(string markdown) =>
        string.Join(' ', Lines(markdown).SkipWhile(line => line.Length == 0 || line.StartsWith('#')).TakeWhile(line => line.Length > 0));

    /// <summary>The first code, in all its languages.</summary>
    public static IReadOnlyList<MarkdownCode> FirstCode(string markdown)
    {
        var lines = new Queue<string>(Lines(markdown));
        while (lines.TryDequeue(out var line))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal)) return TakeCodes(line, lines);
        }

        return [];
    }

    /// <param name="linkTo">Where a link of the document leads, by what it says; default: there.</param>
    public static string ToHtml(string markdown, Func<string, string>? linkTo = null)
    {
        var html = new StringBuilder();
        var inline = new Inline(linkTo ?? (target => target));
        var lines = new Queue<string>(Lines(markdown));
        var isInSection = false;
        while (lines.TryDequeue(out var line))
        {
            if (HeadingOf(line) is { } heading) isInSection = AddHeading(html, inline, heading, isInSection);
            else if (line.StartsWith(Fence, StringComparison.Ordinal)) AddCodes(html, TakeCodes(line, lines));
            else if (line.StartsWith('|')) AddTable(html, inline, [line, .. TakeWhile(lines, next => next.StartsWith('|'))]);
            else if (ListItem().IsMatch(line)) AddList(html, inline, [line, .. TakeWhile(lines, next => next.Length > 0)]);
            else if (line.Length > 0) html.Append($"<p>{inline.Html(string.Join('\n', [line, .. TakeWhile(lines, next => next.Length > 0 && !ListItem().IsMatch(next))]))}</p>\n");
        }

        return html.Append(isInSection ? "</section>\n" : "").ToString();
    }

    private static IEnumerable<MarkdownHeading> AllHeadings(string markdown)
    {
        var isCode = false;
        foreach (var line in Lines(markdown))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal)) isCode = !isCode;
            if (!isCode && HeadingOf(line) is { } heading) yield return heading;
        }
    }

    private static bool AddHeading(StringBuilder html, Inline inline, MarkdownHeading heading, bool isInSection)
    {
        if (isInSection) html.Append("</section>\n");
        var text = inline.Html(heading.Text);
        html.Append(heading.Level switch
        {
            1 => $"<h1 id=\"{heading.Id}\">{text}</h1>\n",
            2 => $"<h2 id=\"{heading.Id}\">{text}</h2>\n",
            _ => $"<section id=\"{heading.Id}\">\n<h3><a href=\"#{heading.Id}\">{text}</a></h3>\n",
        });
        return heading.Level == 3;
    }

    /// <param name="fence">The line that opens the first.</param>
    private static List<MarkdownCode> TakeCodes(string fence, Queue<string> lines)
    {
        List<MarkdownCode> codes = [];
        while (true)
        {
            var code = string.Concat(TakeWhile(lines, next => next != Fence).Select(line => line + "\n"));
            lines.TryDequeue(out _);
            codes.Add(new(fence[Fence.Length..], code));
            var next = lines.SkipWhile(line => line.Length == 0).FirstOrDefault();
            if (next is null || !next.StartsWith(Fence, StringComparison.Ordinal)) return codes;
            foreach (var _ in TakeWhile(lines, line => line.Length == 0)) { }
            fence = lines.Dequeue();
        }
    }

    /// <summary>As the part <c>CodeBlock</c> of pages does.</summary>
    private static void AddCodes(StringBuilder html, List<MarkdownCode> codes)
    {
        html.Append(codes.Count > 1 ? "<div class=\"codes\" data-codes>\n" : "<div class=\"codes\">\n");
        foreach (var code in codes)
        {
            html.Append($"<figure class=\"code\" data-language=\"{WebUtility.HtmlEncode(code.Id)}\"><figcaption>{WebUtility.HtmlEncode(code.Language)}</figcaption>");
            html.Append($"<pre tabindex=\"0\" role=\"group\" aria-label=\"{WebUtility.HtmlEncode(code.Language)}\"><code>{WebUtility.HtmlEncode(code.Text)}</code></pre></figure>\n");
        }

        html.Append("</div>\n");
    }

    /// <param name="rows">The head, the dashes below it, and the body.</param>
    private static void AddTable(StringBuilder html, Inline inline, IReadOnlyList<string> rows)
    {
        html.Append("<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>\n");
        if (Cells(rows[0]).Any(cell => cell.Length > 0)) AddRow(html.Append("<thead>"), inline, rows[0], "th scope=\"col\"", "td").Append("</thead>\n");
        html.Append("<tbody>\n");
        foreach (var row in rows.Skip(2)) AddRow(html, inline, row, "td", "td");
        html.Append("</tbody>\n</table></div>\n");
    }

    /// <param name="emptyCell">A head without text heads nothing.</param>
    private static StringBuilder AddRow(StringBuilder html, Inline inline, string row, string cell, string emptyCell)
    {
        html.Append("<tr>");
        foreach (var text in Cells(row))
        {
            var element = text.Length == 0 ? emptyCell : cell;
            html.Append($"<{element}>{inline.Html(text)}</{element.Split(' ')[0]}>");
        }

        return html.Append("</tr>\n");
    }

    private static IEnumerable<string> Cells(string row) => row.Trim().Trim('|').Split('|').Select(text => text.Trim());

    /// <param name="lines">An item begins with its mark; what follows without one goes on with it.</param>
    private static void AddList(StringBuilder html, Inline inline, IReadOnlyList<string> lines)
    {
        var list = char.IsAsciiDigit(lines[0][0]) ? "ol" : "ul";
        var items = new List<string>();
        foreach (var line in lines)
        {
            if (ListItem().Match(line) is { Success: true } item) items.Add(line[item.Length..]);
            else items[^1] += "\n" + line.Trim();
        }

        html.Append($"<{list}>\n");
        foreach (var item in items) html.Append($"<li>{inline.Html(item)}</li>\n");
        html.Append($"</{list}>\n");
    }

    private static IEnumerable<string> TakeWhile(Queue<string> lines, Func<string, bool> belongs)
    {
        while (lines.TryPeek(out var next) && belongs(next)) yield return lines.Dequeue();
    }

    private static MarkdownHeading? HeadingOf(string line) =>
        Heading().Match(line) is { Success: true } match ? new(match.Groups["marks"].Length, match.Groups["text"].Value) : null;

    private static string[] Lines(string markdown) => markdown.ReplaceLineEndings("\n").Split('\n');

    [GeneratedRegex("^(?<marks>#{1,3}) (?<text>.+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(- |\d+\. )", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex ListItem();

    [GeneratedRegex("`(?<text>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\*\*(?<text>.+?)\*\*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Strong();

    [GeneratedRegex(@"\[(?<text>[^\]]+)\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();

    /// <summary>What stands in a line.</summary>
    private sealed class Inline(Func<string, string> linkTo)
    {
        public string Html(string text) => Strong().Replace(Code().Replace(Linked(WebUtility.HtmlEncode(text)), "<code>${text}</code>"), "<strong>${text}</strong>");

        private string Linked(string escaped) =>
            Link().Replace(escaped, match => $"<a href=\"{WebUtility.HtmlEncode(linkTo(WebUtility.HtmlDecode(match.Groups["target"].Value)))}\">{match.Groups["text"].Value}</a>");
    }
}

/// <param name="Level">1 to 3.</param>
internal sealed record MarkdownHeading(int Level, string Text)
{
    /// <summary>A code is its own id; other headings get hyphens for blanks, as in every Markdown viewer.</summary>
    public string Id { get; } = string.Concat(Text.ToLowerInvariant().Replace(' ', '-').Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));
}

/// <param name="Id">What stands behind the fence, such as <c>sh</c>; "" for plain text.</param>
internal sealed record MarkdownCode(string Id, string Text)
{
    /// <summary>For people.</summary>
    public string Language => Id switch
    {
        "sh" => "curl",
        "python" => "Python",
        "js" => "JavaScript",
        "csharp" => "C#",
        "go" => "Go",
        "json" => "JSON",
        "" or "text" => "Text",
        _ => Id,
    };
}
