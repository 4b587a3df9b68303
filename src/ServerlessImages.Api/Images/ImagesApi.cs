using ServerlessImages.Api.Http;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Images;

internal static class ImagesApi
{
    public static void AddImageAnswers(this IServiceCollection services)
    {
        services.AddSingleton<ImageRequestReader>();
        services.AddSingleton<PlainAnswer>();
        services.AddSingleton<StreamedAnswer>();
    }

    public static void MapImages(this WebApplication app)
    {
        app.MapPost("/v1/images/generations", GenerateAsync).RequireScope(Scope.ImagesGenerate).TakeJson();
    }

    private static async Task GenerateAsync(HttpContext http, ImageRequestReader reader, PlainAnswer plain, StreamedAnswer streamed, ErrorWriter errors)
    {
        var read = await reader.ReadAsync(http.Request, http.RequestAborted);
        if (!read.TryGet(out var request, out var error)) await errors.WriteAsync(http, error);
        else if (request.Stream) await streamed.WriteAsync(http, request);
        else await plain.WriteAsync(http, request);
    }
}
