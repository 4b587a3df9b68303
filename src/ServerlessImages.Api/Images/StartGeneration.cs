using ServerlessImages.Api.Billing;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Setup;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>Starts the work of an order, which goes on whatever becomes of its caller.</summary>
internal sealed class StartGeneration(GenerateImages generate, RunningRequests running, AutoTopUpTrigger? topUps = null)
{
    /// <param name="incoming">Its files are the work's from now on: they end with it, and not with the call.</param>
    /// <param name="wait">The caller's: it begins with the hold.</param>
    public RunningGeneration Run(HttpContext http, IncomingOrder incoming, CallerWait wait)
    {
        var progress = new GenerationProgress(wait);
        return new RunningGeneration(progress, running.Track(http.Call().RequestId, RunAsync(http.Call(), incoming.Order, incoming.TakeFiles(), progress, http.RequestAborted)));
    }

    private async Task<Result<Generation>> RunAsync(ApiCall call, ImageOrder order, IDisposable? files, GenerationProgress progress, CancellationToken connection)
    {
        using var ended = files;
        try
        {
            return await generate.RunAsync(call.Caller, call.RequestId, order, progress, connection);
        }
        finally
        {
            progress.End();
            if (call.Caller.Key.Livemode) topUps?.Look(call.Caller.Account.Id);
        }
    }
}

internal sealed record RunningGeneration(GenerationProgress Progress, Task<Result<Generation>> Work)
{
    /// <summary>Until the request has its id, or has ended. What is before that is bounded by itself.</summary>
    public Task BegunOrDoneAsync() => Task.WhenAny(Progress.Begun, Work);
}
