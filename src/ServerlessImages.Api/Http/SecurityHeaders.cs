using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ServerlessImages.Api.Http;

/// <summary>What every answer tells a browser: stay on https, sniff nothing, run nothing, and show it in no frame. A page says for itself what it may run.</summary>
internal sealed class SecurityHeaders(IOptions<SiteOptions> site)
{
    private const string RunNothing = "default-src 'none'; frame-ancestors 'none'";
    private const string TwoYears = "max-age=63072000; includeSubDomains";
    private readonly bool isHttps = site.Value.PublicUrl?.Scheme == Uri.UriSchemeHttps;

    public void AddTo(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = (http.Features.Get<PagePolicy>() ?? http.GetEndpoint()?.Metadata.GetMetadata<PagePolicy>())?.Text ?? RunNothing;

        // An image by its signed address is made to be shown in other people's pages; nothing else is.
        headers["Cross-Origin-Resource-Policy"] = http.GetEndpoint()?.Metadata.GetMetadata<ShownElsewhere>() is null ? "same-origin" : "cross-origin";
        if (isHttps) headers[HeaderNames.StrictTransportSecurity] = TwoYears;
    }
}

/// <summary>What a page may load and run, as a Content-Security-Policy. Metadata of an endpoint, or a feature of a request.</summary>
internal sealed record PagePolicy(string Text)
{
    /// <summary>Files of this site, and nothing that stands in the page itself.</summary>
    public static PagePolicy OfPages { get; } = ThatSendsTo("'self'");

    /// <param name="targets">Where its forms may lead, redirects counted: browsers follow those only to sites that are named.</param>
    public static PagePolicy ThatSendsTo(string targets) =>
        new($"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'");
}

/// <summary>Answers that pages of other origins may show.</summary>
internal sealed record ShownElsewhere;
