using ServerlessImages.Api.Http;
using ServerlessImages.Keys;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Images;

internal static class ModelsApi
{
    public static void MapModels(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + "/models", List).RequireScope([.. Scope.All]);
            app.MapGet(prefix + "/models/{id}", FindAsync).RequireScope([.. Scope.All]);
        }
    }

    private static IResult List(HttpContext http, SoldModels models)
    {
        var data = models.All().Select(model => ModelAnswer.Of(model, http.Caller().Plan)).ToArray();
        return Results.Json(new { @object = "list", data, has_more = false, next_cursor = (string?)null });
    }

    private static async Task FindAsync(string id, HttpContext http, SoldModels models, ErrorWriter errors)
    {
        if (models.TryFind(id, out var model)) await http.Response.WriteAsJsonAsync(ModelAnswer.Of(model, http.Caller().Plan));
        else await errors.WriteAsync(http, ApiError.ModelNotFound);
    }
}
