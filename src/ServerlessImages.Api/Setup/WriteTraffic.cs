using ServerlessImages.Traffic;

namespace ServerlessImages.Api.Setup;

/// <summary>Writes down how requests ended: now and then, and once more at the end.</summary>
internal sealed class WriteTraffic(TrafficLog traffic, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await traffic.WriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await traffic.WriteAsync(stoppingToken);
    }
}
