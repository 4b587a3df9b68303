namespace ServerlessImages.Api.Pages;

/// <summary>Light or dark, if a visitor wants other than the browser says. A cookie keeps it, so that a page comes in the right colours without a script.</summary>
internal static class Themes
{
    public const string Path = "/theme";
    private const string Cookie = "theme";
    private static readonly string[] Choices = ["light", "dark"];

    public static string? Of(HttpRequest request) => Choices.FirstOrDefault(each => each == request.Cookies[Cookie]);

    /// <param name="choice">Anything else than a choice forgets it.</param>
    /// <param name="back">A path of this site; anything else leads to the start.</param>
    public static IResult Choose(HttpContext http, string? choice, string? back)
    {
        var options = new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, IsEssential = true };
        if (Choices.Contains(choice)) http.Response.Cookies.Append(Cookie, choice!, options);
        else http.Response.Cookies.Delete(Cookie, options);
        return Results.Redirect(IsLocal(back) ? back! : "/");
    }

    public static string Link(string? choice, string back) => $"{Path}?choice={choice ?? "auto"}&back={Uri.EscapeDataString(back)}";

    /// <summary>Two slashes, or a slash and a backslash, lead a browser to another site.</summary>
    private static bool IsLocal(string? path) => path is ['/'] or ['/', not ('/' or '\\'), ..] && !path.Any(char.IsControl);
}
