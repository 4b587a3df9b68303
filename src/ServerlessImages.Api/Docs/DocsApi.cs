using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Docs;

/// <summary>The documents that answers link to. Each fits the version that serves it: it is made from the file of the same commit.</summary>
internal static class DocsApi
{
    /// <summary>Of every page that stands alone.</summary>
    public static string Style { get; } = Resource("page.css");

    public static string NoticeStyle { get; } = Resource("notice.css");

    public static void MapDocs(this WebApplication app)
    {
        var errors = HtmlPage.Of("Errors", Resource("errors.md"), Style);
        app.MapGet("/docs/errors", http => WriteAsync(http, errors)).OpenToEveryone().WithMetadata(new PagePolicy(errors.SecurityPolicy));
        app.MapGet("/", WriteIndexAsync).OpenToEveryone();
    }

    /// <summary>Where to go from here. The Functions host asks for it every 25 ms until the app is up, so it costs nothing and stands on nothing.</summary>
    private static Task WriteIndexAsync(HttpContext http)
    {
        var site = http.RequestServices.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl!;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync($$"""{"name":"ServerlessImages","docs_url":"{{new Uri(site, "/docs").AbsoluteUri}}","openapi_url":"{{new Uri(site, "/openapi/v1.json").AbsoluteUri}}"}""", http.RequestAborted);
    }

    private static Task WriteAsync(HttpContext http, HtmlPage page)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(page.Html, http.RequestAborted);
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(DocsApi).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
