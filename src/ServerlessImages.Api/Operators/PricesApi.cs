using System.Globalization;
using System.Text.Json.Nodes;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Operators;
using ServerlessImages.Pricing;
using ServerlessImages.Revenue;

namespace ServerlessImages.Api.Operators;

/// <summary>Prices: those that there are, one more, and what one more would do.</summary>
internal static class PricesApi
{
    private const string Prices = "/operator/v1/prices";
    private const int ReasonCharactersMax = 500;
    private const int ModelCharactersMax = 64;
    private const int DaysDefault = 30;
    private const int DaysMax = 90;

    public static void MapPrices(this WebApplication app)
    {
        app.MapGet(Prices, ListAsync).RequireOperator(OperatorAccess.Read);
        app.MapPost(Prices, AddAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapPost(Prices + "/preview", PreviewAsync).RequireOperator(OperatorAccess.Read).TakeJson();
    }

    private static async Task<IResult> ListAsync(HttpContext http, PriceList list, ModelCatalog models, TimeProvider clock)
    {
        var book = await list.ReadNowAsync(http.RequestAborted);
        return Results.Json(new { @object = "list", data = Dated(book, models, clock.GetUtcNow()).Select(each => Of(each.Price, each.State)), has_more = false, next_cursor = (string?)null });
    }

    /// <summary>Every price, and whether it is <c>in_force</c>, <c>coming</c> or <c>past</c>.</summary>
    internal static IEnumerable<(Price Price, string State)> Dated(PriceBook book, ModelCatalog models, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var inForce = models.Models.Select(model => book.PriceOf(model, now).TryGet(out var price, out _) ? price.Version : null).ToHashSet();
        return book.All.Select(price => (price, inForce.Contains(price.Version) ? "in_force" : price.EffectiveFrom > today ? "coming" : "past"));
    }

    private static Task AddAsync(HttpContext http, PriceDesk desk, ModelCatalog models, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, AddOnceAsync, price => Results.Json(Of(price, "coming"), statusCode: StatusCodes.Status201Created));

        async Task<Result<Price>> AddOnceAsync()
        {
            var read = await http.ReadJsonAsync(fields => (Model: fields.Text("model", ModelCharactersMax), Day: fields.Day("effective_from"), Source: fields.Text("source", ReasonCharactersMax), Cost: Tariff(fields, "cost"), Selling: Tariff(fields, "selling"), Reason: fields.Text("reason", ReasonCharactersMax)));
            if (!read.TryGet(out var body, out var error)) return error;
            if (body.Day is not { } day) return ApiError.MissingParameter("effective_from");
            if (body.Source is null) return ApiError.MissingParameter("source");
            if (body.Reason is null) return ApiError.MissingParameter("reason");
            if (!Checked(models, body.Model, body.Cost).TryGet(out var what, out error)) return error;
            return await desk.AddAsync(http.Operator(), new(what.Model, day, body.Source, what.Cost, body.Selling), body.Reason, http.RequestAborted);
        }
    }

    private static Task PreviewAsync(HttpContext http, TryPrice tryPrice, ModelCatalog models, ErrorWriter errors)
    {
        var days = DaysDefault;
        return http.AnswerAsync(errors, RunAsync, trial => Answer(trial, days));

        async Task<Result<PriceTrial>> RunAsync()
        {
            var read = await http.ReadJsonAsync(fields => (Model: fields.Text("model", ModelCharactersMax), Cost: Tariff(fields, "cost"), Selling: Tariff(fields, "selling"), Days: fields.Integer("days", 1, DaysMax)));
            if (!read.TryGet(out var body, out var error)) return error;
            if (!Checked(models, body.Model, body.Cost).TryGet(out var what, out error)) return error;
            days = body.Days ?? DaysDefault;
            return await tryPrice.RunAsync(what.Model, what.Cost, body.Selling, days, http.RequestAborted);
        }
    }

    private static Result<KnownPrice> Checked(ModelCatalog models, string? name, Tariff? cost)
    {
        if (name is null) return ApiError.MissingParameter("model");
        if (cost is null) return ApiError.MissingParameter("cost");

        // By its id alone: prices are by ids, and an alias may change.
        return models.Models.FirstOrDefault(model => model.Id == name) is { } found ? new KnownPrice(found, cost) : ApiError.InvalidValue("model", "the id of a model");
    }

    private static Tariff? Tariff(JsonFields fields, string name) =>
        fields.Parsed(name, "either 'per_million_tokens_usd' with text_input, image_input and output, or 'per_image_usd' with qualities by size; each a decimal string of dollars above zero, with at most six places", json => PriceBook.ParseTariff(json.GetRawText()));

    private static object Of(Price price, string state) => new
    {
        @object = "price",
        version = price.Version,
        model = price.Model,
        effective_from = price.EffectiveFrom.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        state,
        origin = price.AddedAs > 0 ? "operator" : "file",
        source = price.Source,
        cost = JsonNode.Parse(PriceBook.TariffJson(price.Cost)),
        selling = price.Selling is { } selling ? JsonNode.Parse(PriceBook.TariffJson(selling)) : null,
    };

    private static IResult Answer(PriceTrial trial, int days) => Results.Json(new
    {
        @object = "price_preview",
        days,
        accounts = trial.Accounts,
        actual = RevenueApi.Sums(trial.Actual),
        at_current_price = trial.Current is { } current ? Of(current) : null,
        at_new_price = Of(trial.Wanted),
        change_usd = trial.Current is { } before ? (trial.Wanted.Charged - before.Charged).ToString() : null,
        is_complete = trial.IsComplete,
        currency = "usd",
    });

    private static object Of(PriceEffect effect) => new { charged_usd = effect.Charged.ToString(), upstream_cost_usd = effect.UpstreamCost.ToString(), margin_usd = effect.Margin.ToString() };

    private sealed record KnownPrice(ModelSpec Model, Tariff Cost);
}
