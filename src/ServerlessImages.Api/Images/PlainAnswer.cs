using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Setup;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>Answers a call with one JSON document. The work goes on when the caller hangs up, and when the answer has to be "not yet".</summary>
internal sealed class PlainAnswer(GenerateImages generate, RunningRequests running, ErrorWriter errors, TimeProvider clock, IOptions<HttpOptions> options)
{
    public async Task WriteAsync(HttpContext http, ImageRequest request)
    {
        var work = running.Track(generate.RunAsync(http.Caller(), http.Call().RequestId, request, new Listener(http)));
        if (!await IsDoneInTimeAsync(work))
        {
            await errors.WriteAsync(http, ApiError.StillGenerating(http.Call().RequestId));
            return;
        }

        if ((await work).TryGet(out var generation, out var error)) await WriteAsync(http, generation);
        else await errors.WriteAsync(http, error);
    }

    private async Task<bool> IsDoneInTimeAsync(Task work)
    {
        using var timer = new CancellationTokenSource();
        var done = await Task.WhenAny(work, Task.Delay(options.Value.PlainWait, clock, timer.Token));
        await timer.CancelAsync();
        return done == work;
    }

    private async Task WriteAsync(HttpContext http, Generation generation)
    {
        http.Call().RequestId = generation.RequestId;
        CostHeaders.AddCost(http, generation, clock);
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        ImageAnswer.Write(json, generation, http.Caller());
    }

    private sealed class Listener(HttpContext http) : IGenerationListener
    {
        public void OnHeld(OpenHold hold)
        {
            CostHeaders.AddHold(http, hold);
            CostHeaders.AddQuote(http, hold);
        }

        public ValueTask OnPartialAsync(PartialImage partial) => ValueTask.CompletedTask;
    }
}
