using System.Globalization;
using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Deployments;
using ServerlessImages.Ledger;
using ServerlessImages.Ledger.Writing;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>
/// The jobs in the ledger's partitions. A job is accepted with its hold (<see cref="AccountLedger.HoldAsync"/>) and ends with the entry that closes it: of all that try to end it, the
/// first wins.
/// </summary>
/// <remarks>As there, changes take no cancellation token, and end at the latest with a <see cref="LedgerUnavailableException"/>.</remarks>
public sealed class JobLedger(AccountLedger ledger, ITableStore store)
{
    /// <summary>Begins a job, if it is due and the account has a place for it.</summary>
    public Task<JobStart> StartAsync(LedgerPartition partition, string id, Plan plan, TimeSpan lease) =>
        ledger.EnqueueAsync(partition, token => new StartJobOperation(id, plan, lease) { Token = token, Patience = AccountLedger.ClosePatience });

    /// <summary>Gives a job back that its worker did not end. It waits again, and its place is free.</summary>
    /// <param name="counts">Whether this attempt is one of those that it may have.</param>
    /// <param name="upstreamCost">Of this attempt.</param>
    public Task<Job?> ReleaseAsync(LedgerPartition partition, Job job, DateTimeOffset dueAt, bool counts, Money upstreamCost, string attempts) => ChangeAsync(partition, job, seen => seen with
    {
        State = JobState.Queued,
        DueAt = dueAt,
        Attempt = counts ? seen.Attempt : seen.Attempt - 1,
        UpstreamCost = seen.UpstreamCost + upstreamCost,
        Attempts = AttemptLog.Joined(seen.Attempts, attempts),
    });

    /// <summary>Notes that the caller was told where the result will be.</summary>
    public Task<Job?> NoteAnsweredAsync(LedgerPartition partition, Job job) => ChangeAsync(partition, job, seen => seen with { IsAnswered = true });

    /// <summary>Ends a job without a charge, if <paramref name="mayEnd"/> says so of the job as it is then.</summary>
    /// <returns>The entry that ended it, whoever wrote it; null if it goes on.</returns>
    public Task<LedgerEntry?> EndAsync(LedgerPartition partition, OpenHold hold, Func<Job, bool> mayEnd, ClosedRequest closed, Refusals? refusals = null) =>
        ledger.EnqueueAsync(partition, token => new CloseOperation(hold, EntryType.Void, Money.Zero, closed, refusals, mayEnd) { Token = token, Patience = AccountLedger.ClosePatience });

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Job?> FindAsync(LedgerPartition partition, string id, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Job(id), cancel) is { } row ? Job.From(row) : null;

    /// <summary>A page of the jobs that have not ended, oldest first.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<Job>> OpenAsync(LedgerPartition partition, string afterId, int limit, CancellationToken cancel)
    {
        var from = afterId.Length == 0 ? LedgerRows.JobsStart : LedgerRows.Job(afterId) + "!";
        return [.. (await store.RangeAsync(TableNames.Ledger, partition.Key, from, LedgerRows.JobsEnd, limit, cancel)).Select(Job.From)];
    }

    /// <summary>The ids of all jobs that ever were, newest first.</summary>
    /// <param name="after">The last id of the page before, or null.</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<string>> AcceptedAsync(LedgerPartition partition, string? after, DateTimeOffset? createdBefore, DateTimeOffset? createdFrom, int limit, CancellationToken cancel)
    {
        var newest = createdBefore is { } end ? LedgerRows.JobPlace(FirstId(end)) : LedgerRows.JobPlacesStart;
        var from = after is null || string.CompareOrdinal(LedgerRows.JobPlace(after), newest) < 0 ? newest : LedgerRows.JobPlace(after) + "!";
        var to = createdFrom is { } start ? LedgerRows.JobPlace(FirstId(start)) : LedgerRows.JobPlacesEnd;
        if (string.CompareOrdinal(from, to) >= 0) return [];
        return [.. (await store.RangeAsync(TableNames.Ledger, partition.Key, from, to, limit, cancel)).Select(row => LedgerRows.JobAt(row.Key))];
    }

    /// <summary>Before every id of that millisecond in the order of the places, which is the newest first: after them in the order of time.</summary>
    private static string FirstId(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"req_{time.ToUnixTimeMilliseconds() - 1:x12}") + new string('f', 20);

    private Task<Job?> ChangeAsync(LedgerPartition partition, Job job, Func<Job, Job> change) =>
        ledger.EnqueueAsync(partition, token => new ChangeJobOperation(job, change) { Token = token, Patience = AccountLedger.ClosePatience });
}
