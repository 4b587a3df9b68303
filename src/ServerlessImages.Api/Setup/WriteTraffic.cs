using ServerlessImages.Traffic;

namespace ServerlessImages.Api.Setup;

/// <summary>Writes down how requests ended: now and then, and once more at the end.</summary>
/// <remarks>What it stands on is made when it is first used: made with the services of the host, wrong settings of the store would hide all others that are wrong.</remarks>
internal sealed partial class WriteTraffic(IServiceProvider services, TimeProvider clock, ILogger<WriteTraffic> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await WriteAsync(stoppingToken);
    }

    private async Task WriteAsync(CancellationToken cancel)
    {
        try
        {
            await services.GetRequiredService<TrafficLog>().WriteAsync(cancel);
        }
#pragma warning disable CA1031 // Whatever it is, a page about the service must not end the service.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, cause);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "How requests ended could not be written down for the page of the status.")]
        public static partial void Failed(ILogger logger, Exception cause);
    }
}
