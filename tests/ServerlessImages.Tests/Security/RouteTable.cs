using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Security;

/// <summary>Every endpoint of the running app, from its own route table: a new one cannot escape the matrices.</summary>
internal static class RouteTable
{
    public static IReadOnlyList<Route> Of(Product product) =>
    [
        .. product.Local.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods, (endpoint, method) => new Route(method, endpoint)),
    ];
}

internal sealed record Route(string Method, RouteEndpoint Endpoint)
{
    public string Pattern => Endpoint.RoutePattern.RawText!;

    public string Name => $"{Method} {Pattern}";

    public IReadOnlyList<string> Parameters => [.. Endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name)];

    public IReadOnlyList<string> Scopes => Endpoint.Metadata.GetMetadata<EndpointAccess>()?.Scopes ?? [];

    public bool IsOpen => Endpoint.Metadata.GetMetadata<EndpointAccess>() is { IsOpen: true };

    public bool IsOfOperator => Endpoint.Metadata.GetMetadata<OperatorAccess>() is not null;

    public Uri At(Func<string, string> value) => new(Endpoint.RoutePattern.Parameters.Aggregate(Pattern, (path, parameter) => path.Replace($"{{{(parameter.IsCatchAll ? "**" : "")}{parameter.Name}}}", value(parameter.Name), StringComparison.Ordinal)), UriKind.Relative);

    /// <summary>Sends it with a body that no endpoint takes for whole.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpClient http, Func<string, string> value, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(Method), At(value));
        if (Method is "POST" or "PUT" or "PATCH") request.Content = body ?? new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
