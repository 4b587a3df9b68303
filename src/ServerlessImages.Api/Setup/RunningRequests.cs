using System.Collections.Concurrent;

namespace ServerlessImages.Api.Setup;

/// <summary>
/// The work that goes on whether or not its caller still waits. A stopping process waits for it, as long as the host lets it: an image that is being drawn is
/// already paid for upstream.
/// </summary>
internal sealed partial class RunningRequests(ILogger<RunningRequests> logger) : IHostedService
{
    private readonly ConcurrentDictionary<Task, byte> running = new();

    public Task<T> Track<T>(string requestId, Task<T> work)
    {
        running[work] = 0;
        _ = ForgetAsync(requestId, work);
        return work;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(running.Keys);
        await Task.WhenAny(all, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
    }

    private async Task ForgetAsync(string requestId, Task work)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        running.TryRemove(work, out _);

        // Whoever waited is told by the edge; whoever hung up is told by nobody.
        if (work.Exception is { } fault) Log.Failed(logger, requestId, fault);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The work of {RequestId} failed.")]
        public static partial void Failed(ILogger logger, string requestId, Exception fault);
    }
}
