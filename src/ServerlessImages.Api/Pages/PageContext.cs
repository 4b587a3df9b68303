using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Pages;

/// <summary>What every part of a page may need to know of the request that it answers. Comes to components as a cascading parameter.</summary>
/// <param name="Path">With its query; relative to the site.</param>
/// <param name="Theme"><c>light</c> or <c>dark</c> if that was chosen, else null: the browser's own.</param>
/// <param name="Site">The address at which callers reach this API.</param>
/// <param name="FormToken">Goes along with every form, or null where nobody is signed in.</param>
public sealed record PageContext(string Path, string? Theme, Uri Site, FormToken? FormToken)
{
    /// <summary>Whether people can sign in here.</summary>
    public bool HasPortal { get; init; }

    internal static PageContext Of(HttpContext http) => new(
        http.Request.Path + http.Request.QueryString,
        Themes.Of(http.Request),
        http.RequestServices.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl!,
        http.Features.Get<FormToken>())
    {
        HasPortal = http.RequestServices.GetService<Microsoft.AspNetCore.Authentication.IAuthenticationSchemeProvider>() is not null,
    };

    /// <summary>Whether a link leads to this page, or to the part of the site that it is in.</summary>
    public bool IsAt(string link) => PathOnly == link || (link.Length > 1 && PathOnly.StartsWith(link + "/", StringComparison.Ordinal));

    private string PathOnly => Path.Split('?', 2)[0];
}

/// <summary>Proof that a form was made by this site for this visitor. A feature of the request, set by whoever knows the visitor.</summary>
/// <param name="Name">Of the hidden field.</param>
public sealed record FormToken(string Name, string Value);
