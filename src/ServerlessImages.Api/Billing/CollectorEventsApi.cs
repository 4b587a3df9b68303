using ServerlessImages.Api.Http;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.Billing;

/// <summary>Where Stripe announces what happened. What is stored is answered 200, also if it cannot be handled yet: it is tried again from the store.</summary>
internal static partial class CollectorEventsApi
{
    private delegate Result<CollectorEvent> Reader(ReadOnlySpan<byte> body, string signature);

    public static void MapCollectorEvents(this WebApplication app)
    {
        app.MapPost("/stripe/events", ReceiveEventAsync).OpenToEveryone().TakeJson();
        app.MapPost("/stripe/thin-events", ReceiveNotificationAsync).OpenToEveryone().TakeJson();
    }

    private static Task ReceiveEventAsync(HttpContext http, IPaymentCollector collector, HandleEvents handle, ErrorWriter errors, ILoggerFactory loggers) =>
        ReceiveAsync(http, collector.ReadEvent, handle, errors, loggers);

    private static Task ReceiveNotificationAsync(HttpContext http, ISubscriptionCollector collector, HandleEvents handle, ErrorWriter errors, ILoggerFactory loggers) =>
        ReceiveAsync(http, collector.ReadNotification, handle, errors, loggers);

    private static async Task ReceiveAsync(HttpContext http, Reader read, HandleEvents handle, ErrorWriter errors, ILoggerFactory loggers)
    {
        // The signature is over the bytes as they came.
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (!read(body.GetBuffer().AsSpan(0, (int)body.Length), http.Request.Headers["Stripe-Signature"].ToString()).TryGet(out var announced, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        var logger = loggers.CreateLogger(typeof(CollectorEventsApi));
        if (announced.Kind == CollectorEventKind.UsageRefused) Log.UsageRefused(logger, announced.Id, announced.Type);
        await handle.ReceiveAsync(announced, (each, cause) => Log.Kept(logger, each.Id, each.Type, cause), http.RequestAborted);
        await Results.Json(new { received = true }).ExecuteAsync(http);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Usage that was reported is not counted, says the event {Event} of the type {Type}: GET /operator/v1/billing/problems has what it was.")]
        public static partial void UsageRefused(ILogger logger, string @event, string type);

        [LoggerMessage(Level = LogLevel.Error, Message = "The event {Event} of the type {Type} could not be handled yet; it is kept and tried again.")]
        public static partial void Kept(ILogger logger, string @event, string type, Exception cause);
    }
}
