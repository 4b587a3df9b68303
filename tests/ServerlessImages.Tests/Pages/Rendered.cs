using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessImages.Api.Pages;

namespace ServerlessImages.Tests.Pages;

/// <summary>A part of a page as HTML.</summary>
internal static class Rendered
{
    public static async Task<string> AsHtmlAsync<TPart>(object? token, params (string Name, object? Value)[] parameters)
        where TPart : IComponent
    {
        var context = new PageContext("/portal/keys?x=1", Theme: null, new Uri("https://images.example.com"), (FormToken?)token);
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var root = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(PageRoot.Context)] = context,
            [nameof(PageRoot.Page)] = typeof(TPart),
            [nameof(PageRoot.Parameters)] = parameters.ToDictionary(each => each.Name, each => each.Value),
        });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<PageRoot>(root)).ToHtmlString());
    }

    public static Task<string> AsHtmlAsync<TPart>(params (string Name, object? Value)[] parameters)
        where TPart : IComponent => AsHtmlAsync<TPart>(token: null, parameters);

    /// <summary>What stands inside of a part.</summary>
    public static RenderFragment Text(string text) => builder => builder.AddContent(0, text);
}
