using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>Finds what is to be delivered and was not hinted at, or whose hint was lost, and hints at it. It delivers nothing itself: so nobody's endpoint delays another's.</summary>
public sealed class SweepWebhooks(WebhookDirectory directory, PendingDeliveries pending, OpenPartitions open, IEventHints hints, TimeProvider clock)
{
    /// <summary>What is due within this time is hinted at by whoever found it; later, the sweep does.</summary>
    public static readonly TimeSpan RetriesWithin = TimeSpan.FromMinutes(10);

    /// <param name="failed">Told about each partition that could not be looked at; the others are.</param>
    /// <returns>How many partitions were hinted at.</returns>
    /// <exception cref="StoreUnavailableException">The list of partitions could not be read; the next run goes on.</exception>
    public async Task<int> RunAsync(Action<LedgerPartition, Exception> failed, CancellationToken cancel)
    {
        var hinted = 0;
        await foreach (var row in open.AllAsync(cancel)) hinted += await TryLookAsync(LedgerPartition.Parse(row.Key), failed, cancel) ? 1 : 0;
        return hinted;
    }

    private async Task<bool> TryLookAsync(LedgerPartition partition, Action<LedgerPartition, Exception> failed, CancellationToken cancel)
    {
        try
        {
            if (!await directory.SyncAsync(partition, cancel) || !await pending.IsDueAsync(partition, clock.GetUtcNow(), cancel)) return false;
            hints.Hint(partition, TimeSpan.Zero);
            return true;
        }
#pragma warning disable CA1031 // One bad partition must not keep the others waiting.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            failed(partition, cause);
            return false;
        }
    }
}
