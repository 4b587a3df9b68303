using System.Threading.Channels;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Setup;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>
/// Answers a call with server-sent events. The stream begins with the first partial image, or the first heartbeat: what fails before that is answered with its
/// own status, as a plain call would be.
/// </summary>
internal sealed class StreamedAnswer(GenerateImages generate, RunningRequests running, ErrorWriter errors, TimeProvider clock, IOptions<HttpOptions> options)
{
    public async Task WriteAsync(HttpContext http, ImageRequest request)
    {
        var listener = new Listener(http);
        var work = running.Track(RunAsync(http, request, listener));
        var events = new ImageEvents(http, errors);
        while (await HasPartialAsync(listener.Partials, events))
        {
            while (listener.Partials.TryRead(out var partial)) await events.WritePartialAsync(partial, request, clock.GetUtcNow());
        }

        if ((await work).TryGet(out var generation, out var error)) await WriteCompletedAsync(http, events, generation);
        else if (events.HasBegun) await events.WriteErrorAsync(error);
        else await errors.WriteAsync(http, error);
    }

    private async Task<Result<Generation>> RunAsync(HttpContext http, ImageRequest request, Listener listener)
    {
        try
        {
            return await generate.RunAsync(http.Caller(), http.Call().RequestId, request, listener);
        }
        finally
        {
            listener.Complete();
        }
    }

    /// <summary>Waits for a partial image, or the end of the work, with a heartbeat each time the interval passes in silence.</summary>
    private async Task<bool> HasPartialAsync(ChannelReader<PartialImage> partials, ImageEvents events)
    {
        var next = partials.WaitToReadAsync(CancellationToken.None).AsTask();
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

    private async Task WriteCompletedAsync(HttpContext http, ImageEvents events, Generation generation)
    {
        http.Call().RequestId = generation.RequestId;
        await events.WriteCompletedAsync(generation, CostHeaders.OverheadMs(http, generation, clock));
    }

    private sealed class Listener(HttpContext http) : IGenerationListener
    {
        // At most three images, so that a slow reader never holds up the work.
        private readonly Channel<PartialImage> partials = Channel.CreateUnbounded<PartialImage>();

        public ChannelReader<PartialImage> Partials => partials.Reader;

        public void OnHeld(OpenHold hold)
        {
            CostHeaders.AddHold(http, hold);
            CostHeaders.AddQuote(http, hold);
        }

        public ValueTask OnPartialAsync(PartialImage partial)
        {
            partials.Writer.TryWrite(partial);
            return ValueTask.CompletedTask;
        }

        public void Complete() => partials.Writer.Complete();
    }
}
