using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Setup;

/// <summary>Runs the sweeper while the process lives. Several instances at once do no harm.</summary>
internal sealed partial class ExpireHoldsTimer(ExpireHolds expireHolds, TimeProvider clock, ILogger<ExpireHoldsTimer> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do await SweepAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancel)
    {
        try
        {
            var expired = await expireHolds.RunAsync((partition, cause) => Log.PartitionFailed(logger, partition.Key, cause), cancel);
            if (expired > 0) Log.Expired(logger, expired);
        }
#pragma warning disable CA1031 // A sweep that fails must not end the process that serves: the next one goes on.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, cause);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} holds expired and were given back: their requests were never finished.")]
        public static partial void Expired(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Error, Message = "The holds of {Partition} could not be swept; the other partitions were.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The sweep of expired holds failed; the next one goes on.")]
        public static partial void Failed(ILogger logger, Exception cause);
    }
}
