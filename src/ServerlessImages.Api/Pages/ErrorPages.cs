using System.Globalization;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages.Site;

namespace ServerlessImages.Api.Pages;

/// <summary>An error, for somebody who came with a browser: the same words as in JSON, and a way on.</summary>
internal static class ErrorPages
{
    /// <param name="status">Already the response's, as are its headers.</param>
    public static Task WriteAsync(HttpContext http, ApiError error, int status) =>
        new PageResult(typeof(MessagePage), Parameters(http, error, status)) { Status = status }.ExecuteAsync(http);

    private static Dictionary<string, object?> Parameters(HttpContext http, ApiError error, int status) => new()
    {
        [nameof(MessagePage.Title)] = TitleOf(status),
        [nameof(MessagePage.Text)] = status == StatusCodes.Status404NotFound && http.GetEndpoint() is null ? "Nothing has this address. It may be mistyped, or gone." : error.Message,
        [nameof(MessagePage.Href)] = "/",
        [nameof(MessagePage.LinkText)] = "To the start",
        [nameof(MessagePage.Note)] = string.Create(CultureInfo.InvariantCulture, $"Error {status}, request {http.Call().RequestId}"),
    };

    private static string TitleOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "Please sign in",
        StatusCodes.Status403Forbidden => "You may not do this",
        StatusCodes.Status404NotFound => "Page not found",
        StatusCodes.Status405MethodNotAllowed => "This cannot be done here",
        StatusCodes.Status410Gone => "This is gone",
        StatusCodes.Status429TooManyRequests => "Too fast",
        StatusCodes.Status503ServiceUnavailable => "Out of reach for a moment",
        >= StatusCodes.Status500InternalServerError => "Something broke on our side",
        _ => "This did not work",
    };
}
