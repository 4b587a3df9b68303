using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ServerlessImages.Api.Docs;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Docs;

/// <summary>The page behind every <c>doc_url</c>.</summary>
public sealed class ErrorsPageTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_address_of_an_error_leads_to_its_code_on_a_page_for_browsers()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync(micros: 0);
        using var refused = await customer.GenerateAsync("a fox");
        var address = new Uri((await refused.JsonAsync()).Text("doc_url"));

        using var anyone = new HttpClient();
        using var page = await anyone.GetAsync(address, TestContext.Current.CancellationToken);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (page.StatusCode, page.Content.Headers.ContentType!.ToString()));
        Assert.Equal("#insufficient_balance", address.Fragment);
        Assert.Contains("<section id=\"insufficient_balance\">\n<h3>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_style_of_the_page_itself_may_act_on_it()
    {
        await using var product = await Product.StartAsync();
        using var anyone = new HttpClient { BaseAddress = product.Local.BaseUrl };

        using var page = await anyone.GetAsync(new Uri("/docs/errors", UriKind.Relative), TestContext.Current.CancellationToken);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var style = Regex.Match(html, "<style>(?<style>.*)</style>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, Timeout).Groups["style"].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.StartsWith($"default-src 'none'; style-src 'sha256-{hash}';", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_heading_is_an_element_once_and_is_in_the_contents()
    {
        var markdown = DocFile.Read("docs/errors.md");
        var html = HtmlPage.Of("Errors", markdown, "").Html;
        var ids = Regex.Matches(html, " id=\"(?<id>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout).Select(each => each.Groups["id"].Value).ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(Markdown.Headings(markdown), heading => Assert.Contains(heading.Id, ids));
        Assert.All(Markdown.Headings(markdown), heading => Assert.Contains($"href=\"#{heading.Id}\">{heading.Text}</a>", html, StringComparison.Ordinal));
    }

    [Fact]
    public void No_mark_of_the_document_is_left_over()
    {
        var html = HtmlPage.Of("Errors", DocFile.Read("docs/errors.md"), "").Html;

        Assert.DoesNotMatch(new Regex(@"`|\*\*|^#|^\||\]\(", RegexOptions.Multiline, Timeout), html);
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
            + "<div class=\"table\"><table>\n<thead><tr><th>name</th><th></th></tr>\n</thead>\n<tbody>\n<tr><td><code>x</code></td><td>y &amp; z</td></tr>\n</tbody>\n</table></div>\n"
            + "<pre><code>{ &quot;a&quot;: 1 }\n\n# no heading\n</code></pre>\n"
            + "</section>\n",
            Markdown.ToHtml(Document));
    }
}
