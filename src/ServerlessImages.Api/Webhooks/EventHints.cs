using System.Collections.Concurrent;
using ServerlessImages.Api.Setup;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Webhooks;

/// <summary>Hints by queue. However much an account has to tell at once, it is one message: what is told while that is on its way is found with it.</summary>
internal sealed partial class EventHints(IServiceProvider services, TimeProvider clock, ILogger<EventHints> logger) : IEventHints
{
    /// <summary>What happens within it shares a message.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, byte> waiting = new(StringComparer.Ordinal);

    // Not before it is needed: what is hinted at is told by the ledger, on which much stands.
    private IWorkQueue Queues => services.GetRequiredService<IWorkQueue>();

    private RunningRequests Running => services.GetRequiredService<RunningRequests>();

    public void Hint(LedgerPartition partition, TimeSpan delay)
    {
        if (delay > TimeSpan.Zero) _ = Running.Track(partition.Key, SendAsync(partition, delay));
        else if (waiting.TryAdd(partition.Key, 0)) _ = Running.Track(partition.Key, SendTogetherAsync(partition));
    }

    private async Task<bool> SendTogetherAsync(LedgerPartition partition)
    {
        await Task.Delay(Together, clock);
        waiting.TryRemove(partition.Key, out _);
        return await SendAsync(partition, TimeSpan.Zero);
    }

    private async Task<bool> SendAsync(LedgerPartition partition, TimeSpan delay)
    {
        try
        {
            await Queues.SendAsync(QueueNames.Webhooks, partition.Key, delay, CancellationToken.None);
            return true;
        }
        catch (StoreUnavailableException cause)
        {
            Log.NotSent(logger, partition.Key, cause);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "It could not be hinted at that {Partition} has events to deliver; the sweep finds them.")]
        public static partial void NotSent(ILogger logger, string partition, Exception cause);
    }
}
