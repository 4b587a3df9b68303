using ServerlessImages.Ledger;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Api.Functions;

/// <summary>Delivers an account's events, and finds those that nobody hinted at. Several at once do no harm.</summary>
internal sealed partial class DeliverWebhookQueue(DeliverEvents deliver, SweepWebhooks sweep, ILogger<DeliverWebhookQueue> logger)
{
    /// <param name="partition">The message: whose.</param>
    public Task RunAsync(string partition, CancellationToken cancel) =>
        deliver.RunAsync(LedgerPartition.Parse(partition), (endpoint, cause) => Log.EndpointFailed(logger, endpoint, partition, cause), cancel);

    public Task SweepAsync(CancellationToken cancel) => sweep.RunAsync((partition, cause) => Log.PartitionFailed(logger, partition.Key, cause), cancel);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The endpoint {Endpoint} of {Partition} could not be served, through no fault of its own; it is tried again, and the others were served.")]
        public static partial void EndpointFailed(ILogger logger, string endpoint, string partition, Exception cause);

        [LoggerMessage(Level = LogLevel.Error, Message = "It could not be seen whether {Partition} has events to deliver; the other partitions were looked at.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);
    }
}
