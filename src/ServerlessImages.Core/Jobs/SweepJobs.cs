using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>
/// Sends the messages of jobs again that could have been begun for a while and were not: the message was lost, or the worker has died. Deletes orders that no job
/// has. Any number of instances may run it at once.
/// </summary>
public sealed class SweepJobs(JobLedger jobs, JobOrders orders, IWorkQueue queue, TimeProvider clock)
{
    private const int PageSize = 500;

    /// <summary>The oldest of them: those behind find no place before them, and each that ends calls the next.</summary>
    private const int SentMax = 100;

    /// <summary>The first message has had its time.</summary>
    private static readonly TimeSpan SentAgainAfter = TimeSpan.FromMinutes(1);

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<SweptJobs> RunAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var (sent, seen, after, oldest) = (0, 0, "", TimeSpan.Zero);
        while (sent < SentMax)
        {
            var page = await jobs.OpenAsync(partition, after, PageSize, cancel);
            var late = page.Where(job => clock.GetUtcNow() - job.DueAt >= SentAgainAfter).Take(SentMax - sent).ToArray();
            foreach (var job in late) await new JobMessage(partition, job.Id).SendAsync(queue, TimeSpan.Zero);
            oldest = page.Select(job => clock.GetUtcNow() - job.DueAt).Append(oldest).Max();
            (sent, seen) = (sent + late.Length, seen + page.Count);
            if (page.Count < PageSize) break;
            after = page[^1].Id;
        }

        return new SweptJobs(seen + await orders.SweepAsync(partition, cancel), oldest);
    }
}

/// <param name="Left">How many jobs and orders are there, and may need another sweep.</param>
/// <param name="OldestWait">For how long the oldest job that could be begun has been waiting.</param>
public sealed record SweptJobs(int Left, TimeSpan OldestWait);
