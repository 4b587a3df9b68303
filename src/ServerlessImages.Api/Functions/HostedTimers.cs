namespace ServerlessImages.Api.Functions;

/// <summary>The timer functions where no Functions host calls them: each at the start, and then in its interval, while the process lives.</summary>
internal sealed class HostedTimers(RunFunction run, TimeProvider clock) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(FunctionList.All.OfType<TimerFunction>().Select(function => RepeatAsync(function, stoppingToken)));

    private async Task RepeatAsync(TimerFunction function, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(function.Minutes), clock);
        do await run.TryAsync(function, Stream.Null, cancel);
        while (await timer.WaitForNextTickAsync(cancel));
    }
}
