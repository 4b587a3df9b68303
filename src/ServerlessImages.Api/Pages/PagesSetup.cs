using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages.Site;

namespace ServerlessImages.Api.Pages;

/// <summary>What all pages stand on, and those that belong to no console.</summary>
internal static class PagesSetup
{
    public static void AddPages(this IServiceCollection services) =>
        services.AddOptions<PagesOptions>().BindConfiguration(PagesOptions.Section).ValidateDataAnnotations().ValidateOnStart();

    public static void MapPages(this WebApplication app)
    {
        app.MapGet("/assets/{version}/{name}", PageAssets.WriteAsync).OpenToEveryone();
        app.MapGet(Themes.Path, Themes.Choose).OpenToEveryone().AsPage();
        if (app.Services.GetRequiredService<IOptions<PagesOptions>>().Value.ShowStyle) app.MapGet("/style", ShowStyle).OpenToEveryone().AsPage();
    }

    private static PageResult ShowStyle() => Page.Of<StylePage>();

    /// <summary>People come to it with a browser: its errors are pages too.</summary>
    public static TBuilder AsPage<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(IsPage.Instance);
}
