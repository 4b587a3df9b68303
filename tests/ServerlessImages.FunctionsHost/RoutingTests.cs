using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using ServerlessImages.Api.Functions;

namespace ServerlessImages.FunctionsHost;

/// <summary>What is reachable through the host's routes: all that the app has, and nothing else.</summary>
public sealed partial class RoutingTests(RoutingTests.OneDeployment one) : IClassFixture<RoutingTests.OneDeployment>
{
    private readonly Deployment deployment = one.Deployment;

    [Fact]
    public async Task Every_endpoint_is_reached_by_its_method()
    {
        await using var twin = Office.Build(deployment.Settings, TimeSpan.Zero);
        var endpoints = ((IEndpointRouteBuilder)twin).DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>();
        var all = endpoints.SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods, (endpoint, method) => (method, path: PathOf(endpoint))).ToArray();
        Assert.True(all.Length > 40, $"{all.Length} endpoints");

        foreach (var (method, path) in all)
        {
            using var answer = await deployment.SendAsync(new HttpMethod(method), path);
            Assert.True(answer.Headers.Contains("x-request-id"), $"{method} /{path} did not reach the app: {answer.StatusCode}");
            var code = answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotModified || answer.Content.Headers.ContentType?.MediaType != "application/json" ? "" : await answer.ErrorCodeAsync();
            Assert.True(code is not ("endpoint_not_found" or "method_not_allowed"), $"{method} /{path}: {code}");
        }
    }

    [Theory]
    [InlineData("GET", "nothing")]
    [InlineData("GET", "v1/nothing")]
    [InlineData("DELETE", "openai/v1/nothing")]
    [InlineData("POST", "operator/nothing")]
    public async Task What_the_app_does_not_have_it_refuses_itself(string method, string path)
    {
        using var answer = await deployment.SendAsync(new HttpMethod(method), path, key: deployment.Key);

        Assert.Equal((HttpStatusCode.NotFound, "endpoint_not_found"), (answer.StatusCode, await answer.ErrorCodeAsync()));
    }

    [Theory]
    [InlineData("POST", "nothing")]
    [InlineData("PUT", "health")]
    [InlineData("DELETE", "f/token")]
    [InlineData("GET", "admin/host/status")]
    [InlineData("POST", "runtime/webhooks/blobs")]
    public async Task What_no_function_takes_does_not_reach_the_app(string method, string path)
    {
        using var answer = await deployment.SendAsync(new HttpMethod(method), path, key: deployment.Key);

        Assert.Equal((HttpStatusCode.NotFound, false), (answer.StatusCode, answer.Headers.Contains("x-request-id")));
    }

    /// <summary>They are in the assembly: a published folder cannot lack them, wherever the host starts the process.</summary>
    [Fact]
    public async Task Pages_come_through_the_host_with_all_that_they_load()
    {
        using var page = await deployment.SendAsync(HttpMethod.Get, "guides");
        var files = Asset().Matches(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Select(match => match.Value).Distinct().ToArray();

        Assert.Equal(("text/html", HttpStatusCode.OK), (page.Content.Headers.ContentType?.MediaType, page.StatusCode));
        Assert.True(files.Length > 3, string.Join(' ', files));
        foreach (var file in files)
        {
            using var answer = await deployment.SendAsync(HttpMethod.Get, file);
            Assert.Equal((HttpStatusCode.OK, "public, max-age=31536000, immutable"), (answer.StatusCode, string.Join(' ', answer.Headers.GetValues("Cache-Control"))));
        }
    }

    [Fact]
    public void The_published_folder_has_every_function_and_an_executable()
    {
        Assert.Equal(FunctionList.All.Select(function => function.Name), deployment.Host.Files.Functions.Select(function => function.Name));
        Assert.True(File.GetUnixFileMode(deployment.Host.Files.Executable).HasFlag(UnixFileMode.UserExecute));
    }

    /// <summary>With something in the place of each parameter.</summary>
    private static string PathOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText switch
    {
        "/assets/{version}/{name}" => "assets/x/site.css",
        "/guides/{name}" => "guides/first-image",
        _ => WithModel(endpoint),
    };

    private static string WithModel(RouteEndpoint endpoint) => Parameter().Replace(endpoint.RoutePattern.RawText!, match => match.Value.Contains("documentName", StringComparison.Ordinal) ? "v1" : "gpt-image-2").TrimStart('/');

    /// <summary>Nothing here changes anything: one will do for all.</summary>
    public sealed class OneDeployment(PublishedApp app) : IAsyncLifetime
    {
        internal Deployment Deployment { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Deployment = await Deployment.StartAsync(app);

        public ValueTask DisposeAsync() => Deployment.DisposeAsync();
    }

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();

    [GeneratedRegex("(?<=/)assets/[^\"]+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Asset();
}
