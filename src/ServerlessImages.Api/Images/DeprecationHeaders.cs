using System.Globalization;
using Microsoft.Net.Http.Headers;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>Warns callers of a model that will be shut down soon, in the words of RFC 9745 (<c>Deprecation</c>) and RFC 8594 (<c>Sunset</c>).</summary>
internal sealed class DeprecationHeaders(TimeProvider clock)
{
    public void AddTo(HttpResponse response, ModelSpec model)
    {
        if (model is not { ShutdownDate: { } shutdown, DeprecationDate: { } deprecated } || clock.GetUtcNow() < Midnight(deprecated)) return;

        response.Headers["Deprecation"] = "@" + Midnight(deprecated).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        response.Headers["Sunset"] = HeaderUtilities.FormatDate(Midnight(shutdown));
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
