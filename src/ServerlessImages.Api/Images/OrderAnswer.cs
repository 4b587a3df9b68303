using ServerlessImages.Api.Http;
using ServerlessImages.Api.Jobs;

namespace ServerlessImages.Api.Images;

/// <summary>Has an order drawn and answers it, in the form that its caller asked for.</summary>
internal sealed class OrderAnswer(PlainAnswer plain, StreamedAnswer streamed, JobAnswer job, DeprecationHeaders deprecation, ErrorWriter errors)
{
    public async Task WriteAsync(HttpContext http, IncomingOrder incoming)
    {
        deprecation.AddTo(http.Response, incoming.Order.Request.Model);
        if (IdempotencyHeader.TryRead(http.Request, out var key) is { } error) await errors.WriteAsync(http, error);
        else if (PreferHeader.WantsJob(http.Request)) await job.WriteAsync(http, incoming.WithKey(key));
        else if (incoming.Order.Request.Stream) await streamed.WriteAsync(http, incoming.WithKey(key));
        else await plain.WriteAsync(http, incoming.WithKey(key));
    }
}
