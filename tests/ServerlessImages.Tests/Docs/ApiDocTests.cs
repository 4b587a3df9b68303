using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Operators;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/api.md</c> and the running app say the same.</summary>
public sealed partial class ApiDocTests
{
    private static readonly (string, string)[] WithOperator = [("Operator:TenantId", OperatorDirectory.Tenant), ("Operator:Audience", OperatorDirectory.Audience)];

    [Fact]
    public async Task Every_endpoint_is_documented_with_its_method_path_and_scope_and_no_other_is()
    {
        await using var product = await Product.StartAsync();
        var inCode = Endpoints(product).Where(endpoint => !IsOfOperator(endpoint)).SelectMany(Lines).Order(StringComparer.Ordinal);
        var inDocs = Heading().Matches(DocFile.Read("docs/api.md")).Select(each => $"{each.Groups["endpoint"].Value} {each.Groups["scope"].Value}");

        Assert.Equal(inCode, inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_endpoint_of_the_operator_is_documented_with_its_role_and_no_other_is()
    {
        await using var product = await Product.StartAsync(null, WithOperator);
        var inCode = Endpoints(product).Where(IsOfOperator).Select(endpoint => $"{Assert.Single(endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods)} {endpoint.RoutePattern.RawText} {endpoint.Metadata.GetRequiredMetadata<OperatorAccess>().Role}");
        var inDocs = OperatorHeading().Matches(DocFile.Read("docs/operator.md")).Select(each => $"{each.Groups["endpoint"].Value} {each.Groups["role"].Value}");

        Assert.Equal(inCode.Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_endpoint_says_whom_it_is_for()
    {
        await using var product = await Product.StartAsync(null, WithOperator);

        Assert.NotEmpty(Endpoints(product));
        Assert.All(Endpoints(product), endpoint => Assert.Single(endpoint.Metadata, each => each is EndpointAccess or OperatorAccess));
        Assert.All(Endpoints(product), endpoint => Assert.Equal(IsOfOperator(endpoint), endpoint.Metadata.GetMetadata<OperatorAccess>() is not null));
        Assert.All(Endpoints(product), endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()));
    }

    [Fact]
    public async Task Only_public_pages_health_the_documents_published_keys_signed_addresses_and_what_Stripe_and_payers_come_to_are_open_to_everyone()
    {
        await using var product = await Product.StartAsync();

        Assert.Equal(["/", "/.well-known/jwks.json", "/assets/{version}/{name}", "/billing/return", "/docs/errors", "/f/{token}", "/guides", "/guides/{name}", "/health", "/health/ready", "/openapi/{documentName}.json", "/status", "/stripe/events", "/stripe/thin-events", "/style", "/theme", "/v1/keys/revoke"], Endpoints(product).Where(endpoint => Access(endpoint).IsOpen).Select(endpoint => endpoint.RoutePattern.RawText).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_scope_is_documented()
    {
        var inDocs = DocFile.TableBelow("docs/api.md", "# API").SelectMany(cells => cells[0].Split(", ")).Select(DocFile.Bare).Where(word => word.Contains(':', StringComparison.Ordinal));

        Assert.Equal(Scope.All.Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_shipped_models_are_documented_with_their_qualities_sizes_and_formats()
    {
        var inDocs = DocFile.TableBelow("docs/api.md", "### `GET /v1/models`").Where(cells => cells[0].StartsWith("`gpt-", StringComparison.Ordinal)).Select(cells => string.Join(" | ", cells));
        var inCode = Sample.Models.Models.Select(model => string.Join(" | ", $"`{model.Id}`", Words(model.Qualities), model.AnySize is null ? "the standard three" : "any by rule", Words(model.Formats)));

        Assert.Equal(inCode, inDocs);
    }

    private static string Words<T>(IEnumerable<T> values)
        where T : struct, Enum => string.Join(", ", values.Select(value => value.ToWire()));

    private static RouteEndpoint[] Endpoints(Product product) =>
        [.. product.Local.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Where(endpoint => IsNoTwin(endpoint) && !IsOfDocsPage(endpoint))];

    /// <summary>The same handlers stand behind Azure's prefixes, which the document says once.</summary>
    private static bool IsNoTwin(RouteEndpoint endpoint) =>
        !endpoint.RoutePattern.RawText!.StartsWith("/openai/", StringComparison.Ordinal) && !endpoint.RoutePattern.RawText.StartsWith("/deployments/", StringComparison.Ordinal);

    private static bool IsOfOperator(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.StartsWith("/operator/", StringComparison.Ordinal);

    /// <summary>The page <c>/docs</c> and what it is made of.</summary>
    private static bool IsOfDocsPage(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText is not "/docs/errors" && endpoint.RoutePattern.RawText!.StartsWith("/docs", StringComparison.Ordinal);

    private static EndpointAccess Access(RouteEndpoint endpoint) => endpoint.Metadata.GetRequiredMetadata<EndpointAccess>();

    private static IEnumerable<string> Lines(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText} {(Access(endpoint).IsOpen ? "none" : string.Join(", ", Access(endpoint).Scopes))}");

    [GeneratedRegex("^### `(?<endpoint>[A-Z]+ /[^`]*)`\n\nScope: `?(?<scope>[a-z:, ]+)`?\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Heading();

    [GeneratedRegex("^### `(?<endpoint>[A-Z]+ /operator/[^`]*)`\n\nRole: `(?<role>[A-Za-z.]+)`\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OperatorHeading();
}
