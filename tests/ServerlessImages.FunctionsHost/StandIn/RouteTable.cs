using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace ServerlessImages.FunctionsHost.StandIn;

/// <summary>The routes of an app as the Functions host matches them: by the order of the functions' names, and the first one wins.</summary>
internal sealed class RouteTable(HostFiles files)
{
    /// <summary>The host's own, which it never hands on.</summary>
    private static readonly string[] Reserved = ["/admin", "/runtime"];

    private readonly (HostFunction Function, TemplateMatcher Route)[] routes =
    [
        .. files.Functions.Where(function => function.Route is not null).Select(function => (function, new TemplateMatcher(TemplateParser.Parse($"{files.RoutePrefix}/{function.Route}".TrimStart('/')), []))),
    ];

    /// <returns>The name of the function that takes the request, or null.</returns>
    public string? Find(string method, PathString path) => Reserved.Any(each => path.StartsWithSegments(each, StringComparison.OrdinalIgnoreCase))
        ? null
        : routes.FirstOrDefault(each => each.Route.TryMatch(path, []) && each.Function.Methods.Contains(method, StringComparer.OrdinalIgnoreCase)).Function?.Name;
}
