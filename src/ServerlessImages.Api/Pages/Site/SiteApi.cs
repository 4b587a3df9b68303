using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Docs;
using ServerlessImages.Api.Health;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages.Parts;
using ServerlessImages.Deployments;
using ServerlessImages.Pricing;
using ServerlessImages.Traffic;

namespace ServerlessImages.Api.Pages.Site;

/// <summary>The pages for everybody.</summary>
internal static class SiteApi
{
    public static void MapSite(this WebApplication app)
    {
        app.MapGet("/", ShowStartAsync).OpenToEveryone();
        app.MapGet("/status", ShowStatusAsync).OpenToEveryone().AsPage();
    }

    /// <summary>The Functions host asks for it every 25 ms until the app is up, so for a program it costs nothing and stands on nothing.</summary>
    private static Task ShowStartAsync(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept, Cookie";
        return IsPage.AsksForHtml(http) ? ShowLandingAsync(http) : WriteIndexAsync(http);
    }

    private static Task WriteIndexAsync(HttpContext http)
    {
        var site = http.RequestServices.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl!;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync($$"""{"name":"ServerlessImages","docs_url":"{{new Uri(site, "/docs").AbsoluteUri}}","openapi_url":"{{new Uri(site, "/openapi/v1.json").AbsoluteUri}}"}""", http.RequestAborted);
    }

    private static Task ShowLandingAsync(HttpContext http)
    {
        var services = http.RequestServices;
        return http.AnswerAsync(services.GetRequiredService<ErrorWriter>(), () => services.GetRequiredService<SoldModels>().AllAsync(http.RequestAborted), sold => Landing(services, sold));
    }

    private static PageResult Landing(IServiceProvider services, IReadOnlyList<SoldModel> sold)
    {
        var guides = services.GetRequiredService<Guides>().All;
        var markup = services.GetRequiredService<PlanCatalog>().Dearest.Markup;
        return Page.Of<LandingPage>(
            (nameof(LandingPage.Bill), sold.Select(model => ExampleBill.Of(model, markup)).FirstOrDefault(bill => bill is not null)),
            (nameof(LandingPage.Prices), sold.Select(model => PriceRow.Of(model, markup)).ToArray()),
            (nameof(LandingPage.Samples), Markdown.FirstCode(guides[0].Markdown).Select(code => new CodeSample(code.Id, code.Language, code.Text)).ToArray()),
            (nameof(LandingPage.Guides), guides.Select(guide => (guide.Title, guide.Summary, guide.Link)).ToArray()));
    }

    private static async Task ShowStatusAsync(ReadStatus status, ReadTraffic traffic, Readiness readiness, HttpContext http, ErrorWriter errors)
    {
        var problems = await readiness.ProblemsAsync();
        await http.AnswerAsync(errors, () => status.RunAsync(http.RequestAborted), Show(await traffic.RunAsync(http.RequestAborted)));

        Func<IReadOnlyList<ModelStatus>, IResult> Show(IReadOnlyDictionary<string, ModelTraffic> ended) => models => Page.Of<StatusPage>(
            (nameof(StatusPage.Models), models),
            (nameof(StatusPage.Traffic), ended),
            (nameof(StatusPage.IsReady), problems.Count == 0));
    }
}
