using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>Has an order drawn and answers it, in the form that its caller asked for.</summary>
internal sealed class OrderAnswer(PlainAnswer plain, StreamedAnswer streamed, DeprecationHeaders deprecation, ErrorWriter errors)
{
    public async Task WriteAsync(HttpContext http, ImageOrder order)
    {
        deprecation.AddTo(http.Response, order.Request.Model);
        if (IdempotencyHeader.TryRead(http.Request, out var key) is { } error) await errors.WriteAsync(http, error);
        else if (order.Request.Stream) await streamed.WriteAsync(http, order with { IdempotencyKey = key });
        else await plain.WriteAsync(http, order with { IdempotencyKey = key });
    }
}
