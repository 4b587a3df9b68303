using ServerlessImages.Billing;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Functions;

/// <summary>One run of what tells the collector of usage, and what the log says of it. Several at once do no harm.</summary>
internal sealed partial class SendMeterEventsTimer(SendMeterEvents sendMeterEvents, ILogger<SendMeterEventsTimer> logger)
{
    public Task RunAsync(CancellationToken cancel) => sendMeterEvents.RunAsync(
        (partition, stuck) => Log.Stuck(logger, partition.Key, stuck.Hour, stuck.Value, stuck.Problem),
        (partition, cause) => Log.PartitionFailed(logger, partition.Key, cause),
        cancel);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The usage of {Partition} in the hour {Hour}, ${Value}, waits for a person: {Problem}")]
        public static partial void Stuck(ILogger logger, string partition, LedgerHour hour, Money value, string problem);

        [LoggerMessage(Level = LogLevel.Error, Message = "The usage of {Partition} could not be sent; that of the others was.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);
    }
}
