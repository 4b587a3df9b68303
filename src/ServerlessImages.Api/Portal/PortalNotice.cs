using Microsoft.AspNetCore.Http.HttpResults;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Portal.Pages;

namespace ServerlessImages.Api.Portal;

/// <summary>A page that says why something was not done, with the status of the error.</summary>
internal sealed class PortalNotice(ApiError error) : IResult
{
    public static Task WriteAsync(HttpContext http, ApiError error) => new PortalNotice(error).ExecuteAsync(http);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Call().ErrorCode = error.Code;
        var page = new RazorComponentResult<NoticePage>(new Dictionary<string, object?> { [nameof(NoticePage.Error)] = error, [nameof(NoticePage.RequestId)] = httpContext.Call().RequestId })
        {
            StatusCode = ErrorWriter.Wire(error.Kind).Status,
        };
        return page.ExecuteAsync(httpContext);
    }
}
