using System.Text.RegularExpressions;
using ServerlessImages.Api.Docs;

namespace ServerlessImages.Tests.Docs;

/// <summary>Our documents as pages.</summary>
public sealed class MarkdownTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    public static TheoryData<string> Documents { get; } = ["docs/errors.md", .. Directory.GetFiles(Path.Combine(DocFile.Root, "docs/guides"), "*.md").Select(file => "docs/guides/" + Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void No_mark_of_a_document_is_left_over(string document)
    {
        var html = Markdown.ToHtml(DocFile.Read(document));
        var text = Regex.Replace(html, "<pre.*?</pre>", "", RegexOptions.Singleline, Timeout);

        Assert.DoesNotMatch(new Regex(@"`|\*\*|^#|^\||\]\(|^- ", RegexOptions.Multiline, Timeout), text);
    }

    [Fact]
    public void What_is_written_becomes_what_is_shown()
    {
        const string Document = "# A <page>\n\nOne **line** with `a < b`,\nand another.\n\n## A part of it\n\n### a_code\n\n| name | |\n|---|---|\n| `x` | y & z |\n\n```json\n{ \"a\": 1 }\n\n# no heading\n```\n";

        Assert.Equal(
            "<h1 id=\"a-page\">A &lt;page&gt;</h1>\n"
            + "<p>One <strong>line</strong> with <code>a &lt; b</code>,\nand another.</p>\n"
            + "<h2 id=\"a-part-of-it\">A part of it</h2>\n"
            + "<section id=\"a_code\">\n<h3><a href=\"#a_code\">a_code</a></h3>\n"
            + "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>\n<thead><tr><th scope=\"col\">name</th><td></td></tr>\n</thead>\n<tbody>\n<tr><td><code>x</code></td><td>y &amp; z</td></tr>\n</tbody>\n</table></div>\n"
            + "<div class=\"codes\">\n<figure class=\"code\" data-language=\"json\"><figcaption>JSON</figcaption><pre tabindex=\"0\" role=\"group\" aria-label=\"JSON\"><code>{ &quot;a&quot;: 1 }\n\n# no heading\n</code></pre></figure>\n</div>\n"
            + "</section>\n",
            Markdown.ToHtml(Document));
    }

    [Fact]
    public void A_list_goes_on_over_lines_and_ends_with_an_empty_one()
    {
        const string Document = "Before:\n- one\n  more of it\n- `two`\n\n1. first\n2. second\n";

        Assert.Equal("<p>Before:</p>\n<ul>\n<li>one\nmore of it</li>\n<li><code>two</code></li>\n</ul>\n<ol>\n<li>first</li>\n<li>second</li>\n</ol>\n", Markdown.ToHtml(Document));
    }

    [Fact]
    public void A_link_leads_where_the_site_has_it_and_cannot_break_out()
    {
        Assert.Equal("<p><a href=\"/docs/errors#x\">an <code>error</code></a></p>\n", Markdown.ToHtml("[an `error`](../errors.md#x)", Guides.LinkTo));
        Assert.Equal("<p><a href=\"/guides/jobs\">jobs</a>, <a href=\"/docs#a\">all</a>, <a href=\"#b\">here</a>, <a href=\"https://example.com\">there</a></p>\n", Markdown.ToHtml("[jobs](45-jobs.md), [all](../api.md#a), [here](#b), [there](https://example.com)", Guides.LinkTo));
        Assert.Equal("<p><a href=\"/x&quot;onclick=&quot;y\">z</a></p>\n", Markdown.ToHtml("[z](/x\"onclick=\"y)"));
    }

    [Fact]
    public void Code_in_several_languages_without_anything_between_is_one_choice()
    {
        const string Document = "```sh\na\n```\n\n```js\nb\n```\n\nText.\n\n```go\nc\n```\n";

        Assert.Equal(2, Markdown.ToHtml(Document).Split("<div class=\"codes\"").Length - 1);
        Assert.Equal([new("sh", "a\n"), new("js", "b\n")], Markdown.FirstCode(Document));
        Assert.Equal(["curl", "JavaScript"], Markdown.FirstCode(Document).Select(code => code.Language));
    }
}
