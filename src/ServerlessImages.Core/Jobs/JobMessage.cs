using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>The hint that a job can run: <c>{partition} {request}</c>.</summary>
public sealed record JobMessage(LedgerPartition Partition, string Id)
{
    public override string ToString() => $"{Partition.Key} {Id}";

    /// <exception cref="FormatException">It is none of ours.</exception>
    public static JobMessage Parse(string text) => text.Split(' ') is [{ Length: > 0 } partition, { Length: > 0 } id] ? new(LedgerPartition.Parse(partition), id) : throw new FormatException("A message in the queue of jobs names a partition and a request.");

    /// <summary>Sends it. Where it is lost, the sweeper sends it again.</summary>
    public async Task SendAsync(IWorkQueue queue, TimeSpan delay)
    {
        try
        {
            await queue.SendAsync(QueueNames.Jobs, ToString(), delay, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // As said above.
        }
    }
}
