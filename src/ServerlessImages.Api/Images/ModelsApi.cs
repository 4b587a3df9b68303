using ServerlessImages.Api.Http;
using ServerlessImages.Images;
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

    private static IResult List(ModelCatalog models, PriceBook prices, TimeProvider clock)
    {
        var sold = models.Models.Where(model => IsSold(model, prices, clock)).Select(Json).ToArray();
        return Results.Json(new { @object = "list", data = sold, has_more = false, next_cursor = (string?)null });
    }

    private static async Task FindAsync(string id, HttpContext http, ModelCatalog models, PriceBook prices, TimeProvider clock, ErrorWriter errors)
    {
        if (models.Find(id).TryGet(out var model, out _) && IsSold(model, prices, clock)) await http.Response.WriteAsJsonAsync(Json(model));
        else await errors.WriteAsync(http, ApiError.ModelNotFound);
    }

    private static bool IsSold(ModelSpec model, PriceBook prices, TimeProvider clock) => prices.PriceOf(model, clock.GetUtcNow()).TryGet(out _, out _);

    private static object Json(ModelSpec model) => new
    {
        id = model.Id,
        @object = "model",
        created = Seconds(model.Created),
        owned_by = "openai",
        shutdown_date = model.ShutdownDate is { } day ? Seconds(day) : (long?)null,
        sizes = ModelSpec.StandardSizes.Select(size => size.ToString()).Prepend("auto"),
        any_size = model.AnySize is { } rule ? new { multiple_of = rule.MultipleOf, ratio_max = rule.RatioMax, edge_max = rule.EdgeMax, pixels_min = rule.PixelsMin, pixels_max = rule.PixelsMax } : null,
        qualities = model.Qualities.Select(each => each.ToWire()),
        output_formats = model.Formats.Select(each => each.ToWire()),
        backgrounds = model.Backgrounds.Select(each => each.ToWire()),
        expected_seconds = model.ExpectedTime.ToDictionary(pair => pair.Key.ToWire(), pair => pair.Value.TotalSeconds),
    };

    private static long Seconds(DateOnly day) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeSeconds();
}
