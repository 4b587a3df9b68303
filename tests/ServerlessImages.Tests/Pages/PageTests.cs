using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Pages;

/// <summary>What holds for every page: how it is answered, what it may load, and what it loads.</summary>
public sealed partial class PageTests : IAsyncLifetime
{
    private readonly HttpClient browser = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { DefaultRequestHeaders = { { "Accept", "text/html,application/xhtml+xml" } } };
    private Product product = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        browser.BaseAddress = product.Local.BaseUrl;
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await product.DisposeAsync();
    }

    [Fact]
    public async Task A_page_may_load_only_what_is_a_file_of_this_site_and_has_no_script_or_style_in_itself()
    {
        using var page = await GetAsync("/style");
        var html = await TextAsync(page);

        Assert.Equal("default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", page.Header("Content-Security-Policy"));
        Assert.DoesNotMatch(InPage(), html);
        Assert.Equal("no-store", page.Header("Cache-Control"));
    }

    [Fact]
    public async Task What_a_page_loads_is_there_and_may_be_kept_for_ever()
    {
        using var page = await GetAsync("/style");
        var links = Asset().Matches(await TextAsync(page)).Select(each => each.Value).Distinct().ToArray();

        Assert.Contains(links, link => link.EndsWith("/site.css", StringComparison.Ordinal));
        foreach (var link in links)
        {
            using var asset = await GetAsync(link);
            Assert.Equal((HttpStatusCode.OK, "public, max-age=31536000, immutable"), (asset.StatusCode, asset.Header("Cache-Control")));
        }
    }

    [Fact]
    public async Task The_file_of_another_version_is_given_but_not_for_ever_and_an_unknown_one_is_not()
    {
        using var other = await GetAsync("/assets/0123456789ab/site.css");
        using var unknown = await GetAsync("/assets/0123456789ab/nothing.css");

        Assert.Equal("public, max-age=60", other.Header("Cache-Control"));
        Assert.Equal((HttpStatusCode.NotFound, "no-store"), (unknown.StatusCode, unknown.Header("Cache-Control")));
    }

    [Fact]
    public async Task Text_is_compressed_for_whoever_can_take_that()
    {
        using var plain = await GetAsync("/assets/x/site.js");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/x/site.js") { Headers = { { "Accept-Encoding", "gzip, br" } } };
        using var compressed = await browser.SendAsync(request, TestContext.Current.CancellationToken);
        await using var inside = new BrotliStream(await compressed.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        using var reader = new StreamReader(inside);

        Assert.Equal(("br", "Accept-Encoding"), (Assert.Single(compressed.Content.Headers.ContentEncoding), compressed.Header("Vary")));
        Assert.Equal(await TextAsync(plain), await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("uplot.LICENSE", "Permission is hereby granted")]
    [InlineData("plex.LICENSE", "SIL OPEN FONT LICENSE")]
    public async Task What_others_made_comes_with_its_licence(string name, string words)
    {
        using var licence = await GetAsync("/assets/x/" + name);

        Assert.Contains(words, await TextAsync(licence), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_address_that_is_nothing_is_a_page_for_a_browser_and_JSON_for_a_program()
    {
        using var page = await GetAsync("/nothing/<here>");
        using var program = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var json = await program.GetAsync(new Uri("/nothing", UriKind.Relative), TestContext.Current.CancellationToken);
        var html = await TextAsync(page);

        Assert.Equal((HttpStatusCode.NotFound, "text/html; charset=utf-8"), (page.StatusCode, page.Content.Headers.ContentType!.ToString()));
        Assert.Contains("<h1>Page not found</h1>", html, StringComparison.Ordinal);
        Assert.Contains(page.Header("x-request-id"), html, StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, "application/json"), (json.StatusCode, json.Content.Headers.ContentType!.ToString()));
    }

    [Fact]
    public async Task A_program_that_takes_anything_gets_JSON_even_from_an_unknown_path_of_the_API()
    {
        using var any = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { { "Accept", "*/*" } } };
        using var json = await any.GetAsync(new Uri("/v1/nothing", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("application/json", json.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task A_chosen_theme_is_kept_and_comes_with_the_page()
    {
        using var chosen = await GetAsync("/theme?choice=dark&back=%2Fstyle%3Fx%3D1");
        var cookie = chosen.Header("Set-Cookie");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/style") { Headers = { { "Cookie", cookie.Split(';')[0] } } };
        using var page = await browser.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Redirect, "/style?x=1"), (chosen.StatusCode, chosen.Header("Location")));
        Assert.StartsWith("theme=dark; max-age=31536000; path=/; samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\" data-theme=\"dark\">", await TextAsync(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("//evil.example.com")]
    [InlineData("/\\evil.example.com")]
    [InlineData("/\t/evil.example.com")]
    [InlineData("")]
    public async Task Choosing_a_theme_leads_to_no_other_site(string back)
    {
        using var chosen = await GetAsync("/theme?choice=auto&back=" + Uri.EscapeDataString(back));

        Assert.Equal("/", chosen.Header("Location"));
    }

    [Fact]
    public async Task A_cookie_that_is_no_theme_changes_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/style") { Headers = { { "Cookie", "theme=\"><script>" } } };
        using var page = await browser.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains("<html lang=\"en\">", await TextAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parts_of_pages_are_shown_only_where_that_is_set()
    {
        await product.RestartAsync(("Pages:ShowStyle", "false"));
        using var page = await GetAsync("/style");

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    private Task<HttpResponseMessage> GetAsync(string path) => browser.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static Task<string> TextAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    /// <summary>A script, style or handler in the page itself.</summary>
    [GeneratedRegex("<script(?![^>]* src=)|<style|\\sstyle=|\\son[a-z]+=|javascript:", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex InPage();

    [GeneratedRegex("/assets/[^\"&]+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Asset();
}
