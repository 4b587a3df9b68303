using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Portal;

/// <summary>A page that says why something was not done, with the status of the error.</summary>
internal sealed class PortalRefusal(ApiError error) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => httpContext.RequestServices.GetRequiredService<ErrorWriter>().WriteAsync(httpContext, error);
}
