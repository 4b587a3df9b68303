using ServerlessImages.Api.Http;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Images;

internal static class ImagesApi
{
    public static void AddImageAnswers(this IServiceCollection services)
    {
        services.AddSingleton<ImageOrderReader>();
        services.AddSingleton<OrderAnswer>();
        services.AddSingleton<DeprecationHeaders>();
        services.AddSingleton<StartGeneration>();
        services.AddSingleton<AnswerDelivery>();
        services.AddSingleton<ImageUrls>();
        services.AddSingleton<ImageContent>();
        services.AddSingleton<PlainAnswer>();
        services.AddSingleton<StreamedAnswer>();
    }

    public static void MapImages(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.WithModel) app.MapPost(prefix + "/images/generations", GenerateAsync).RequireScope(Scope.ImagesGenerate).TakeJson();
    }

    private static async Task GenerateAsync(HttpContext http, ImageOrderReader reader, OrderAnswer answer, ErrorWriter errors)
    {
        if (!(await JsonBody.ReadAsync(http.Request, http.RequestAborted)).TryGet(out var body, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        using (body)
        {
            if (reader.Read(new JsonFields(body.RootElement), pathModel: ModelInPath(http)).TryGet(out var order, out error)) await answer.WriteAsync(http, order);
            else await errors.WriteAsync(http, error);
        }
    }

    /// <summary>Azure's routes name the deployment, which here is the model.</summary>
    private static string? ModelInPath(HttpContext http) => http.GetRouteValue("model") as string;
}
