using System.Net.Mime;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Pages;

/// <summary>Answers with a component, rendered once on the server: what it shows comes in as parameters, and nothing of it stays behind.</summary>
internal static class Page
{
    /// <param name="parameters">By the names of the component's parameters.</param>
    public static PageResult Of<TPage>(params IEnumerable<(string Name, object? Value)> parameters)
        where TPage : IComponent => Answer<TPage>(StatusCodes.Status200OK, parameters);

    /// <param name="status">Of the answer: 422 where a form has something to correct.</param>
    /// <inheritdoc cref="Of" path="/param"/>
    public static PageResult Answer<TPage>(int status, params IEnumerable<(string Name, object? Value)> parameters)
        where TPage : IComponent => new(typeof(TPage), parameters.ToDictionary(each => each.Name, each => each.Value)) { Status = status };
}

/// <remarks>Not generic: what binds endpoints is made while the build does not know the components yet.</remarks>
internal sealed class PageResult(Type page, IDictionary<string, object?> parameters) : IResult
{
    /// <value>Default 200. A form with a field to correct is 422.</value>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <value>Default: nothing but what this app serves.</value>
    public PagePolicy Policy { get; init; } = PagePolicy.OfPages;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var html = await RenderAsync(httpContext);
        httpContext.Features.Set(Policy);
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = MediaTypeNames.Text.Html + "; charset=utf-8";
        await httpContext.Response.WriteAsync(html, httpContext.RequestAborted);
    }

    /// <summary>Whole before the first byte leaves: a page that fails is answered as an error and not cut off in the middle.</summary>
    private async Task<string> RenderAsync(HttpContext http)
    {
        await using var renderer = new HtmlRenderer(http.RequestServices, http.RequestServices.GetRequiredService<ILoggerFactory>());
        var root = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(PageRoot.Context)] = PageContext.Of(http),
            [nameof(PageRoot.Page)] = page,
            [nameof(PageRoot.Parameters)] = parameters,
        });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<PageRoot>(root)).ToHtmlString());
    }
}

/// <summary>Metadata of an endpoint that people come to with a browser: its errors are pages too.</summary>
internal sealed record IsPage
{
    public static IsPage Instance { get; } = new();

    /// <summary>Also of what has no endpoint at all, for whoever asks for HTML by name. No SDK does.</summary>
    public static bool Of(HttpContext http) => http.GetEndpoint() is { } endpoint ? endpoint.Metadata.GetMetadata<IsPage>() is not null : AsksForHtml(http);

    public static bool AsksForHtml(HttpContext http) => http.Request.Headers.Accept.ToString().Contains(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase);
}
