using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Functions;

/// <summary>One run of the sweeper, and what the log says of it. Several at once do no harm.</summary>
internal sealed partial class ExpireHoldsTimer(ExpireHolds expireHolds, ILogger<ExpireHoldsTimer> logger)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        var expired = await expireHolds.RunAsync((partition, cause) => Log.PartitionFailed(logger, partition.Key, cause), cancel);
        if (expired > 0) Log.Expired(logger, expired);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} holds expired and were given back: their requests were never finished.")]
        public static partial void Expired(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Error, Message = "The holds of {Partition} could not be swept; the other partitions were.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);
    }
}
