using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Functions;

/// <summary>One run of the sweeper, and what the log says of it; then usage is added up. Several at once do no harm.</summary>
internal sealed partial class ExpireHoldsTimer(ExpireHolds expireHolds, SweepUsage sweepUsage, TimeProvider clock, ILogger<ExpireHoldsTimer> logger)
{
    /// <summary>Half of the time until the next run.</summary>
    private static readonly TimeSpan UsageTimeMax = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancel)
    {
        var expired = await expireHolds.RunAsync((partition, cause) => Log.PartitionFailed(logger, partition.Key, cause), cancel);
        if (expired > 0) Log.Expired(logger, expired);
        await sweepUsage.RunAsync(clock.GetUtcNow() + UsageTimeMax, cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} holds expired and were given back: their requests were never finished.")]
        public static partial void Expired(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Error, Message = "The holds of {Partition} could not be swept; the other partitions were.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);
    }
}
