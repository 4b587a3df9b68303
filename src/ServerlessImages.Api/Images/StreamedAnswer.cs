using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>
/// Answers a call with server-sent events. The stream begins with the first partial image, or the first heartbeat: what fails before that is answered with its
/// own status, as a plain call would be.
/// </summary>
internal sealed partial class StreamedAnswer(StartGeneration start, PendingAnswers pending, AnswerDelivery delivery, ErrorWriter errors, TimeProvider clock, IOptions<HttpOptions> options, ILogger<StreamedAnswer> logger)
{
    public async Task WriteAsync(HttpContext http, IncomingOrder incoming)
    {
        var order = incoming.Order;
        using var wait = pending.Wait(http.Caller(), http.RequestAborted);
        var running = start.Run(http, incoming, wait);
        await running.BegunOrDoneAsync();
        CostHeaders.AddBegun(http, running.Progress);

        var events = new ImageEvents(http, order.Request, errors);
        while (await HasPartialAsync(running, events))
        {
            while (running.Progress.Partials.TryRead(out var partial)) await events.WritePartialAsync(partial, clock.GetUtcNow());
        }

        if ((await ResultAsync(http, running, events)).TryGet(out var generation, out var error)) await WriteCompletedAsync(http, order, events, generation, wait);
        else if (events.HasBegun) await events.WriteErrorAsync(error);
        else await errors.WriteAsync(http, error);
    }

    /// <summary>Waits for a partial image, or the end of the work, with a heartbeat each time the interval passes in silence.</summary>
    private async Task<bool> HasPartialAsync(RunningGeneration running, ImageEvents events)
    {
        var next = running.Progress.Partials.WaitToReadAsync(CancellationToken.None).AsTask();
        while (true)
        {
            using var timer = new CancellationTokenSource();
            if (await Task.WhenAny(next, Task.Delay(options.Value.HeartbeatInterval, clock, timer.Token)) != next)
            {
                await events.WriteHeartbeatAsync();
                continue;
            }

            await timer.CancelAsync();
            return await next;
        }
    }

    /// <summary>Once the stream has begun, a fault can only be told in it.</summary>
    private async Task<Result<Generation>> ResultAsync(HttpContext http, RunningGeneration running, ImageEvents events)
    {
        try
        {
            return await running.Work;
        }
        catch (Exception cause) when (events.HasBegun)
        {
            Log.Failed(logger, http.Call().RequestId, cause);
            return ApiError.ServerError;
        }
    }

    private async Task WriteCompletedAsync(HttpContext http, ImageOrder order, ImageEvents events, Generation generation, CallerWait wait)
    {
        http.Call().RequestId = generation.RequestId;
        await events.WriteCompletedAsync(generation, CostHeaders.MeasureOverheadMs(http, generation, clock));
        await delivery.DoneAsync(http, order, generation, wait);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{RequestId} failed after its stream had begun.")]
        public static partial void Failed(ILogger logger, string requestId, Exception cause);
    }
}
