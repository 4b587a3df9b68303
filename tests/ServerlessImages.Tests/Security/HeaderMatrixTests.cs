using System.Net;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Security;

/// <summary>What every answer tells a browser, whatever it answers.</summary>
public sealed class HeaderMatrixTests
{
    [Fact]
    public async Task Every_answer_of_every_endpoint_has_the_headers_that_keep_browsers_safe()
    {
        await using var product = await Product.StartAsync(null, ("PublicUrl", "https://images.example.com"));
        var customer = await product.CustomerAsync();
        foreach (var route in RouteTable.Of(product))
        {
            using var response = await route.SendAsync(customer.Http, _ => "nothing");
            AssertSafe(response, route.Name);
            Assert.Equal(route.Pattern == "/f/{token}" ? "cross-origin" : "same-origin", response.Header("Cross-Origin-Resource-Policy"));
        }

        foreach (var path in (string[])["/", "/nothing", "/v1/balance/x", "/.env", "/admin/host/status"])
        {
            using var response = await customer.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            AssertSafe(response, path);
        }
    }

    [Fact]
    public async Task On_plain_http_nobody_is_told_to_stay_on_https()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        using var response = await customer.Http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("", response.Header("Strict-Transport-Security"));
    }

    [Fact]
    public async Task No_page_of_another_origin_may_read_an_answer_unless_it_is_named()
    {
        await using var product = await Product.StartAsync();
        using var preflight = await PreflightAsync(product, "https://app.example.com");
        var customer = await product.CustomerAsync();
        customer.Http.DefaultRequestHeaders.Add("Origin", "https://app.example.com");
        using var read = await customer.Http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.All([preflight, read], response => Assert.Equal("", response.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task A_named_origin_may_call_with_its_key_and_reads_cost_and_limits()
    {
        await using var product = await Product.StartAsync(null, ("Http:CorsOrigins:0", "https://app.example.com"));
        using var preflight = await PreflightAsync(product, "https://app.example.com");
        using var other = await PreflightAsync(product, "https://evil.example.com");
        var customer = await product.CustomerAsync();
        customer.Http.DefaultRequestHeaders.Add("Origin", "https://app.example.com");
        using var read = await customer.GenerateAsync("a red fox");
        using var refused = await customer.Http.GetAsync(new Uri("/v1/requests/nothing", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.NoContent, "https://app.example.com"), (preflight.StatusCode, preflight.Header("Access-Control-Allow-Origin")));
        Assert.Contains("Authorization", preflight.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", other.Header("Access-Control-Allow-Origin"));
        Assert.All([read, refused], response => Assert.Equal(("https://app.example.com", ""), (response.Header("Access-Control-Allow-Origin"), response.Header("Access-Control-Allow-Credentials"))));
        Assert.Contains("x-cost-usd", read.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("https://app.example.com/")]
    [InlineData("app.example.com")]
    public async Task An_origin_that_is_none_ends_the_start(string origin)
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => Product.StartAsync(null, ("Http:CorsOrigins:0", origin)));

        Assert.Contains("is not an origin", fault.ToString(), StringComparison.Ordinal);
    }

    private static void AssertSafe(HttpResponseMessage response, string name)
    {
        Assert.True(response.Header("X-Content-Type-Options") == "nosniff", name);
        Assert.True(response.Header("Referrer-Policy") == "no-referrer", name);
        Assert.True(response.Header("Strict-Transport-Security").StartsWith("max-age=63072000", StringComparison.Ordinal), name);
        Assert.True(response.Header("Content-Security-Policy").StartsWith("default-src 'none'", StringComparison.Ordinal), name);
        Assert.Contains("frame-ancestors 'none'", response.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.True(response.Header("Server").Length == 0 && response.Header("X-Powered-By").Length == 0, name);
        Assert.True(response.Header("Cache-Control").Length > 0, name);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(Product product, string origin)
    {
        using var http = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/images/generations") { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization, content-type" } } };
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
