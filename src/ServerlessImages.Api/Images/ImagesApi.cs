using ServerlessImages.Api.Http;
using ServerlessImages.Api.Uploads;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Images;

internal static class ImagesApi
{
    public static void AddImageAnswers(this IServiceCollection services)
    {
        services.AddSingleton<ImageOrderReader>();
        services.AddSingleton<UploadFolder>();
        services.AddSingleton<OrderIntake>();
        services.AddSingleton<OrderAnswer>();
        services.AddSingleton<QuoteAnswer>();
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
        foreach (var prefix in ApiPrefix.WithModel)
        {
            app.MapPost(prefix + "/images/generations", GenerateAsync).RequireScope(Scope.ImagesGenerate).TakeJson();
            app.MapPost(prefix + "/images/edits", EditAsync).RequireScope(Scope.ImagesEdit);
            app.MapPost(prefix + "/images/variations", RefuseVariationsAsync).RequireScope([.. Scope.All]);
        }
    }

    private static Task GenerateAsync(HttpContext http, OrderIntake intake, OrderAnswer answer, ErrorWriter errors) => AnswerAsync(http, OrderBody.Generation, intake, answer, errors);

    private static Task EditAsync(HttpContext http, OrderIntake intake, OrderAnswer answer, ErrorWriter errors) => AnswerAsync(http, OrderBody.Edit, intake, answer, errors);

    /// <summary>For whoever is the call's caller.</summary>
    public static async Task AnswerAsync(HttpContext http, OrderBody body, OrderIntake intake, OrderAnswer answer, ErrorWriter errors)
    {
        if (!(await intake.ReadAsync(http, body)).TryGet(out var incoming, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        using (incoming) await answer.WriteAsync(http, incoming);
    }

    private static Task RefuseVariationsAsync(HttpContext http, ErrorWriter errors) => errors.WriteAsync(http, ApiError.EndpointRetired);
}
