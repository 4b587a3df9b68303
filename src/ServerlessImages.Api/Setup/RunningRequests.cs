using System.Collections.Concurrent;

namespace ServerlessImages.Api.Setup;

/// <summary>
/// The work that goes on whether or not its caller still waits. A stopping process waits for it: an image that is being drawn is already paid for upstream.
/// </summary>
internal sealed class RunningRequests : IHostedService
{
    private readonly ConcurrentDictionary<Task, byte> running = new();

    public Task<T> Track<T>(Task<T> work)
    {
        running[work] = 0;
        _ = ForgetAsync(work);
        return work;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(running.Keys);
        await Task.WhenAny(all, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
    }

    private async Task ForgetAsync(Task work)
    {
        // How it ended is its caller's matter.
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        running.TryRemove(work, out _);
    }
}
