using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Images;
using ServerlessImages.Operators;
using ServerlessImages.Pricing;
using ServerlessImages.Revenue;

namespace ServerlessImages.Api.Desk;

/// <summary>Prices: those that there are, and one more, which is looked at with its effect before it is added.</summary>
internal static class PricePages
{
    /// <summary>Usage of so many days is what a price is tried on.</summary>
    public const int TrialDays = 30;

    private const int SourceCharactersMax = 500;

    public static void MapPricePages(this WebApplication app)
    {
        app.MapGet(DeskPaths.Prices, ListAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.NewPrice, AskAsync).RequireDesk(OperatorAccess.Write).AsPage();
        app.MapPost(DeskPaths.PricePreview, PreviewAsync).RequireDesk(OperatorAccess.Write).TakeForm().AsPage();
        app.MapPost(DeskPaths.AddPrice, AddAsync).RequireDesk(OperatorAccess.Write).TakeForm().AsPage();
    }

    private static async Task<PageResult> ListAsync(HttpContext http, PriceList list, ModelCatalog models, TimeProvider clock) => Page.Of<PricesPage>(
        (nameof(PricesPage.Shell), http.Desk()),
        (nameof(PricesPage.Models), models.Models.Select(model => model.Id).ToArray()),
        (nameof(PricesPage.Prices), PricesApi.Dated(await list.ReadNowAsync(http.RequestAborted), models, clock.GetUtcNow()).ToArray()),
        (nameof(PricesPage.Done), http.Request.Query["done"] == "added" ? "The price was added. It is in force from its day on, 00:00 UTC." : null));

    private static async Task<IResult> AskAsync(string model, HttpContext http, PriceList list, PriceDesk desk, ModelCatalog models, TimeProvider clock)
    {
        if (!(await FindAsync(model, list, models, clock, http.RequestAborted)).TryGet(out var priced, out var error)) return new PortalRefusal(error);
        return Asked(http, priced, PriceForm.Of(priced.Current, desk.FirstDay), desk.FirstDay);
    }

    private static async Task<IResult> PreviewAsync(string model, HttpContext http, PriceList list, PriceDesk desk, TryPrice tryPrice, ModelCatalog models, TimeProvider clock)
    {
        if (!(await FindAsync(model, list, models, clock, http.RequestAborted)).TryGet(out var priced, out var error)) return new PortalRefusal(error);
        var form = await http.ReadPageFormAsync(fields => ReadWanted(fields, priced));
        if (form.Error is { } wrong) return Asked(http, priced, form.Wrong(wrong), desk.FirstDay);
        if (!form.Value.Wanted.TryGet(out var wanted, out error)) return Asked(http, priced, form.Wrong(error), desk.FirstDay);
        if (desk.RefusalOf(wanted.EffectiveFrom) is { } refusal) return Asked(http, priced, form.Wrong(refusal), desk.FirstDay);
        if (!(await tryPrice.RunAsync(wanted.Model, wanted.Cost, wanted.Selling, TrialDays, http.RequestAborted)).TryGet(out var trial, out error)) return Asked(http, priced, form.Wrong(error), desk.FirstDay);
        return Page.Of<PricePreviewPage>(
            (nameof(PricePreviewPage.Shell), http.Desk()),
            (nameof(PricePreviewPage.Wanted), wanted),
            (nameof(PricePreviewPage.Current), priced.Current),
            (nameof(PricePreviewPage.Cells), priced.Cells),
            (nameof(PricePreviewPage.Trial), trial),
            (nameof(PricePreviewPage.Typed), form.Typed));
    }

    private static async Task<IResult> AddAsync(string model, HttpContext http, PriceList list, PriceDesk desk, ModelCatalog models, TimeProvider clock)
    {
        if (!(await FindAsync(model, list, models, clock, http.RequestAborted)).TryGet(out var priced, out var error)) return new PortalRefusal(error);
        var form = await http.ReadPageFormAsync(fields => ReadWanted(fields, priced));
        if (form.Error is { } wrong) return Asked(http, priced, form.Wrong(wrong), desk.FirstDay);
        if (!form.Value.Wanted.TryGet(out var wanted, out error)) return Asked(http, priced, form.Wrong(error), desk.FirstDay);
        if (!(await desk.AddAsync(http.DeskOperator(), wanted, form.Value.Reason!, http.RequestAborted)).TryGet(out _, out error)) return Asked(http, priced, form.Wrong(error), desk.FirstDay);
        return Results.Redirect(DeskPaths.Prices + "?done=added");
    }

    /// <summary>By its id alone: prices are by ids, and an alias may change.</summary>
    private static async Task<Result<PricedModel>> FindAsync(string id, PriceList list, ModelCatalog models, TimeProvider clock, CancellationToken cancel)
    {
        if (models.Models.FirstOrDefault(model => model.Id == id) is not { } found) return ApiError.ModelNotFound;
        var current = (await list.ReadNowAsync(cancel)).PriceOf(found, clock.GetUtcNow()).TryGet(out var price, out _) ? price : null;
        return new PricedModel(found, current, PriceForm.CellsOf(current?.Cost));
    }

    private static PageResult Asked(HttpContext http, PricedModel priced, FormState form, DateOnly firstDay) => Page.Answer<NewPricePage>(
        form.Status,
        (nameof(NewPricePage.Shell), http.Desk()),
        (nameof(NewPricePage.Model), priced.Model.Id),
        (nameof(NewPricePage.Cells), priced.Cells),
        (nameof(NewPricePage.FirstDay), firstDay),
        (nameof(NewPricePage.Form), form));

    private static WantedForm ReadWanted(PageFields fields, PricedModel priced)
    {
        var (day, source, reason) = (fields.Day("effective_from"), fields.Text("source", SourceCharactersMax), fields.Text("reason", AccountActs.ReasonCharactersMax));
        var (cost, selling) = (PriceForm.Read(fields, PriceForm.Cost, priced.Cells), PriceForm.Read(fields, PriceForm.Selling, priced.Cells));
        return new(reason, Wanted());

        Result<WantedPrice> Wanted()
        {
            if (day is not { } from) return ApiError.MissingParameter("effective_from");
            if (source is null) return ApiError.MissingParameter("source");
            if (reason is null) return ApiError.MissingParameter("reason");
            if (cost is null) return ApiError.MissingParameter(PriceForm.Cost + priced.Cells[0].Name);
            if (!cost.TryGet(out var costs, out var error)) return error;
            Tariff? sells = null;
            if (selling is not null && !selling.TryGet(out sells, out error)) return error;
            return new WantedPrice(priced.Model, from, source, costs, sells);
        }
    }

    private sealed record PricedModel(ModelSpec Model, Price? Current, IReadOnlyList<PriceCell> Cells);

    /// <param name="Wanted">Or what is missing.</param>
    private sealed record WantedForm(string? Reason, Result<WantedPrice> Wanted);
}
