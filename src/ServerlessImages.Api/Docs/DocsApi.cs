using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;

namespace ServerlessImages.Api.Docs;

/// <summary>The documents that answers and pages link to. Each fits the version that serves it: it is made from the file of the same commit.</summary>
internal static class DocsApi
{
    private static readonly Lazy<string> Errors = new(() => Document.Read("errors.md"));

    public static void AddDocs(this IServiceCollection services) => services.AddSingleton<Guides>();

    public static void MapDocs(this WebApplication app)
    {
        app.MapGet("/docs/errors", ShowErrors).OpenToEveryone().AsPage();
        app.MapGet(Guides.Path, ShowGuides).OpenToEveryone().AsPage();
        app.MapGet(Guides.Path + "/{name}", ShowGuide).OpenToEveryone().AsPage();
    }

    private static PageResult ShowErrors() => DocumentPage(Errors.Value);

    private static PageResult ShowGuides(Guides guides) => Page.Of<GuidesPage>((nameof(GuidesPage.Guides), guides.All.Select(guide => (guide.Title, guide.Summary, guide.Link)).ToArray()));

    private static async Task ShowGuide(string name, HttpContext http, Guides guides, ErrorWriter errors)
    {
        if (guides.Find(name) is { } guide) await DocumentPage(guide.Markdown).ExecuteAsync(http);
        else await errors.WriteAsync(http, ApiError.EndpointNotFound);
    }

    private static PageResult DocumentPage(string markdown) => Page.Of<DocumentPage>(
        (nameof(Docs.DocumentPage.Title), Markdown.Title(markdown)),
        (nameof(Docs.DocumentPage.Html), Markdown.ToHtml(markdown, Guides.LinkTo)),
        (nameof(Docs.DocumentPage.Headings), Markdown.Headings(markdown).Select(heading => (heading.Level, heading.Id, heading.Text)).ToArray()));
}
