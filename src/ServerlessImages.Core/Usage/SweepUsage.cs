using ServerlessImages.Ledger;

namespace ServerlessImages.Usage;

/// <summary>Keeps the rollups of accounts that draw at most minutes behind, so that whoever opens a page finds them there and need not wait for them.</summary>
public sealed class SweepUsage(OpenPartitions open, UsageRollups rollups, TimeProvider clock)
{
    /// <summary>2,000 entries of one account: more than a trusted one makes in a minute, and no account keeps the others waiting for long.</summary>
    private const int StepsMax = 40;

    /// <param name="until">What is left then is for the next run, which begins elsewhere.</param>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked, or not be written to; the next run goes on.</exception>
    public async Task RunAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var first = (int)(clock.GetUtcNow().ToUnixTimeSeconds() / 60 % OpenPartitions.AllShards.Count);
        foreach (var shard in OpenPartitions.AllShards.Skip(first).Concat(OpenPartitions.AllShards.Take(first)))
        {
            await foreach (var row in open.AllAsync(shard, cancel))
            {
                if (clock.GetUtcNow() >= until) return;
                if (!OpenPartitions.IsSwept(row)) await TryAdvanceAsync(LedgerPartition.Parse(row.Key), cancel);
            }
        }
    }

    private async Task TryAdvanceAsync(LedgerPartition partition, CancellationToken cancel)
    {
        try
        {
            await rollups.AdvanceAsync(partition, StepsMax, cancel);
        }
        catch (InvalidDataException)
        {
            // Its ledger lacks an entry, which its books will say; the others are not to wait for that.
        }
    }
}
