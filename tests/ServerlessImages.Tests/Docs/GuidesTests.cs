using System.Net;
using System.Text.RegularExpressions;
using ServerlessImages.Api.Docs;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Clients;

namespace ServerlessImages.Tests.Docs;

/// <summary>The guides: all of them are there, their links lead somewhere, and their examples work.</summary>
public sealed partial class GuidesTests(NpmClients npm)
{
    [Fact]
    public async Task Every_guide_is_listed_and_there_and_every_link_of_it_leads_to_something()
    {
        await using var product = await Product.StartAsync();
        using var browser = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { { "Accept", "text/html" } } };
        var list = await TextAsync(browser, "/guides");
        var errors = await TextAsync(browser, "/docs/errors");
        foreach (var file in Directory.GetFiles(Path.Combine(DocFile.Root, "docs/guides"), "*.md"))
        {
            var link = Guides.LinkTo(Path.GetFileName(file));
            Assert.Contains($"<a href=\"{link}\">", list, StringComparison.Ordinal);
            foreach (var target in Link().Matches(await TextAsync(browser, link)).Select(each => each.Groups["target"].Value).Distinct())
            {
                var (path, fragment) = target.Split('#') is [var before, var after] ? (before, after) : (target, "");
                if (path.Length > 0) await TextAsync(browser, path);
                if (path == "/docs/errors" && fragment.Length > 0) Assert.Contains($"id=\"{fragment}\"", errors, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Examples_name_the_site_that_shows_them()
    {
        await using var product = await Product.StartAsync(null, ("PublicUrl", "https://pictures.example.org"));
        using var browser = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { { "Accept", "text/html" } } };

        foreach (var path in (string[])["/", "/guides/first-image"])
        {
            var html = await TextAsync(browser, path);
            Assert.Contains("https://pictures.example.org/v1/images/generations", html, StringComparison.Ordinal);
            Assert.DoesNotContain("images.example.com", html, StringComparison.Ordinal);
        }
    }

    /// <summary>The JavaScript of the guides, as it stands there, by the unmodified client.</summary>
    [Theory]
    [InlineData("10-first-image", "amount_usd")]
    [InlineData("20-streaming", "done")]
    [InlineData("40-sending-again", "")]
    [InlineData("45-jobs", "succeeded")]
    public async Task The_JavaScript_of_a_guide_runs_as_it_is(string guide, string printed)
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync(plan: "standard");
        var script = Markdown.FirstCode(DocFile.Read($"docs/guides/{guide}.md")).Single(code => code.Id == "js").Text
            .Replace("https://images.example.com", product.Local.BaseUrl.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal)
            .Replace("si_live_…", customer.Key, StringComparison.Ordinal)
            .Replace("\"fox.png\"", $"\"{Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())}\"", StringComparison.Ordinal);

        var ended = await npm.RunTextAsync($"guide-{guide}.mjs", script);

        Assert.True(ended.ExitCode == 0, ended.Errors);
        Assert.Contains(printed, ended.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_guide_begins_with_the_same_call_in_five_languages()
    {
        var languages = Markdown.FirstCode(DocFile.Read("docs/guides/10-first-image.md")).Select(code => code.Id);

        Assert.Equal(["sh", "python", "js", "csharp", "go"], languages);
    }

    private static async Task<string> TextAsync(HttpClient browser, string path)
    {
        using var page = await browser.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(page.StatusCode == HttpStatusCode.OK, $"{path} answered {page.StatusCode}");
        return await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("<a [^>]*href=\"(?<target>[/#][^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();
}
