using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>Answers a call with one JSON document. The work goes on when the caller hangs up, and when the answer has to be "not yet".</summary>
internal sealed class PlainAnswer(StartGeneration start, PendingAnswers pending, AnswerDelivery delivery, ErrorWriter errors, ImageUrls urls, JobLedger jobs, TimeProvider clock, IOptions<HttpOptions> options)
{
    public async Task WriteAsync(HttpContext http, IncomingOrder incoming)
    {
        var order = incoming.Order;
        using var wait = pending.Wait(http.Caller(), http.RequestAborted);
        if ((await DrawAsync(http, incoming, wait)).TryGet(out var generation, out var error)) await WriteAsync(http, order, generation, wait);
        else await errors.WriteAsync(http, error);
    }

    /// <summary>Has an order drawn, for whoever waits for all of it: an answer, or a page.</summary>
    /// <param name="wait">The caller's.</param>
    /// <returns>Or <c>still_generating</c>: it goes on.</returns>
    public async Task<Result<Generation>> DrawAsync(HttpContext http, IncomingOrder incoming, CallerWait wait)
    {
        var running = start.Run(http, incoming, wait);
        await running.BegunOrDoneAsync();
        CostHeaders.AddBegun(http, running.Progress);
        if (await IsDoneInTimeAsync(running.Work)) return await running.Work;

        await NoteAnsweredAsync(http, running.Progress);
        return ApiError.StillGenerating(http.Call().RequestId);
    }

    /// <summary>From now on its caller knows where to look: should this process die, another draws it.</summary>
    private async Task NoteAnsweredAsync(HttpContext http, GenerationProgress progress)
    {
        if (!progress.Begun.IsCompletedSuccessfully || progress.Begun.Result.Hold?.Job is not { } job) return;
        try
        {
            await jobs.NoteAnsweredAsync(http.Caller().Partition, job);
        }
        catch (LedgerUnavailableException)
        {
            // Then it is drawn here or not at all, and not charged.
        }
    }

    private async Task<bool> IsDoneInTimeAsync(Task work)
    {
        using var timer = new CancellationTokenSource();
        var done = await Task.WhenAny(work, Task.Delay(options.Value.PlainWait, clock, timer.Token));
        await timer.CancelAsync();
        return done == work;
    }

    private async Task WriteAsync(HttpContext http, ImageOrder order, Generation generation, CallerWait wait)
    {
        http.Call().RequestId = generation.RequestId;
        CostHeaders.AddCost(http, order, generation, clock);
        http.Response.ContentType = "application/json";
        await ImageAnswer.WriteAsync(http.Response.BodyWriter, generation, order.Request.Count, http.Caller(), order.AsUrls ? urls.For(http.Caller(), generation) : null);
        await delivery.DoneAsync(http, order, generation, wait);
    }
}
