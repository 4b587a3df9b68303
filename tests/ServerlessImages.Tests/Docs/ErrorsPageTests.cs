using System.Net;
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
    public async Task Every_heading_is_an_element_once_and_is_in_the_contents()
    {
        var markdown = DocFile.Read("docs/errors.md");
        await using var product = await Product.StartAsync();
        using var anyone = new HttpClient { BaseAddress = product.Local.BaseUrl };
        var html = await anyone.GetStringAsync(new Uri("/docs/errors", UriKind.Relative), TestContext.Current.CancellationToken);
        var ids = Regex.Matches(html, " id=\"(?<id>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout).Select(each => each.Groups["id"].Value).ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(Markdown.Headings(markdown), heading => Assert.Contains(heading.Id, ids));
        Assert.All(Markdown.Headings(markdown), heading => Assert.Contains($"href=\"#{heading.Id}\">{heading.Text}</a>", html, StringComparison.Ordinal));
    }
}
