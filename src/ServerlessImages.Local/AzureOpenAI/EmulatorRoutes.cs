using ServerlessImages.Images;
namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>Both shapes of address: v1 names the deployment in the body, the older one in the path. A first segment of its own makes a resource of its own: <c>/{resource}/openai/…</c>.</summary>
internal static class EmulatorRoutes
{
    public static void Map(WebApplication application, ImageCalls calls)
    {
        MapOperation(application, calls, "generations", ImageOperation.Generation);
        MapOperation(application, calls, "edits", ImageOperation.Edit);
        application.MapFallback(context => UpstreamError.ResourceNotFound.WriteAsync(context.Response, context.RequestAborted));
    }

    private static void MapOperation(WebApplication application, ImageCalls calls, string path, ImageOperation operation)
    {
        foreach (var prefix in (string[])["", "/{resource}"])
        {
            application.MapPost($"{prefix}/openai/v1/images/{path}", (HttpContext context) => calls.AnswerAsync(context, operation, deployment: null));
            application.MapPost($"{prefix}/openai/deployments/{{deployment}}/images/{path}", (HttpContext context, string deployment) => calls.AnswerAsync(context, operation, deployment));
        }
    }
}
