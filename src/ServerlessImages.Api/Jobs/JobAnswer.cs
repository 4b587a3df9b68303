using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Images;
using ServerlessImages.Images;
using ServerlessImages.Jobs;

namespace ServerlessImages.Api.Jobs;

/// <summary>Takes an order as a job, and answers 202 with where it is.</summary>
internal sealed class JobAnswer(AcceptJob accept, FindRequest find, ErrorWriter errors, IOptions<SiteOptions> site)
{
    public async Task WriteAsync(HttpContext http, IncomingOrder incoming)
    {
        var order = incoming.Order;
        var error = RefusalOf(order);
        if (error is null && (await accept.RunAsync(http.Caller(), http.Call().RequestId, order, http.RequestAborted)).TryGet(out var accepted, out error))
        {
            http.Call().RequestId = accepted.Id!;
            if (accepted.Hold is { } hold) CostHeaders.AddHeld(http, hold);
            if (await StatusAsync(http, accepted) is { } status)
            {
                await WriteAsync(http, status);
                return;
            }

            error = ApiError.StorageUnavailable;
        }

        await errors.WriteAsync(http, error!);
    }

    public void Write(Utf8JsonWriter json, RequestStatus status, HttpContext http) => RequestAnswer.Write(json, status, http.Caller(), site.Value.PublicUrl!, RequestAnswer.Job);

    /// <summary>What would be dropped in silence.</summary>
    private static ApiError? RefusalOf(ImageOrder order)
    {
        if (order.Request.Stream) return ApiError.InvalidValue("stream", "false with 'Prefer: respond-async': a job's progress is streamed by GET /v1/jobs/{id}/events");
        return order.Retention == Retention.Dropped ? ApiError.InvalidValue("store", "another than false with 'Prefer: respond-async', whose result has to be kept until it is fetched") : null;
    }

    private async Task<RequestStatus?> StatusAsync(HttpContext http, OpenedRequest accepted) => accepted.Hold is { } hold
        ? RequestStatus.Open(hold.Hold, waits: true)
        : (await find.RunAsync(http.Caller().Partition, accepted.Id!, http.RequestAborted)).TryGet(out var status, out _) ? status : null;

    private async Task WriteAsync(HttpContext http, RequestStatus status)
    {
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.Headers.Location = new Uri(site.Value.PublicUrl!, $"/v1/jobs/{status.Id}").AbsoluteUri;
        http.Response.Headers["Preference-Applied"] = PreferHeader.RespondAsync;
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        Write(json, status, http);
    }
}
