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
            app.MapGet(prefix + "/models", ListAsync).RequireScope([.. Scope.All]);
            app.MapGet(prefix + "/models/{id}", FindAsync).RequireScope([.. Scope.All]);
        }
    }

    private static Task ListAsync(HttpContext http, SoldModels models, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, () => models.AllAsync(http.RequestAborted), Answer);

        IResult Answer(IReadOnlyList<SoldModel> sold) => Results.Json(new { @object = "list", data = sold.Select(model => ModelAnswer.Of(model, http.Caller().Plan)).ToArray(), has_more = false, next_cursor = (string?)null });
    }

    private static Task FindAsync(string id, HttpContext http, SoldModels models, ErrorWriter errors) =>
        http.AnswerAsync(errors, () => models.FindAsync(id, http.RequestAborted), model => Results.Json(ModelAnswer.Of(model, http.Caller().Plan)));
}
