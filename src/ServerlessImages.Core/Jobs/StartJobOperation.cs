using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Ledger.Writing;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>
/// Begins a job: one of the account's places for open requests, one more attempt, and a lease, in one transaction. A job whose worker has died keeps the place that it
/// has. It reads the job before it is planned.
/// </summary>
internal sealed class StartJobOperation : LedgerOperation<JobStart>
{
    private readonly string key;
    private readonly Plan plan;
    private readonly TimeSpan lease;
    private Job? job;
    private Job? planned;

    public StartJobOperation(string id, Plan plan, TimeSpan lease)
    {
        (key, this.plan, this.lease) = (LedgerRows.Job(id), plan, lease);
        MustResolve = true;
    }

    public override IReadOnlyList<string> Keys => [key];

    public override int RowCount => 1;

    public override PlanResult Plan(LedgerDraft draft)
    {
        if (job!.DueAt > draft.Now) return Answer(new JobStart(JobStartState.NotDue, job));
        if (job.Attempt >= Job.AttemptsMax) return Answer(new JobStart(JobStartState.Exhausted, job));
        if (job.State == JobState.Queued && Refusal(draft.Balance, draft.Now) is { } refused) return Refuse(draft, refused);

        planned = job with { State = JobState.Running, Attempt = job.Attempt + 1, DueAt = draft.Now + lease };
        if (job.State == JobState.Queued) draft.Balance = draft.Balance with { Open = draft.Balance.Open + 1 };
        draft.Add(this, RowWrite.Replace(key, planned.ToColumns(Token), job.ETag));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(new JobStart(JobStartState.Started, planned! with { ETag = etags[0] }));

    public override async Task ResolveAsync(PartitionRows rows)
    {
        var row = await rows.FindAsync(key);
        if (row is null) Complete(new JobStart(JobStartState.Gone, null));
        else if (IsOurs(row)) Complete(new JobStart(JobStartState.Started, Job.From(row)));
        job = row is null ? null : Job.From(row);
        MustResolve = false;
    }

    private JobStartState? Refusal(Balance balance, DateTimeOffset now)
    {
        if (balance.Stops != StopReasons.None || balance.ConductRefusal(now) is not null) return JobStartState.Stopped;
        return balance.Open >= balance.Conduct.OpenMax(plan, now) ? JobStartState.NoPlace : null;
    }

    private PlanResult Refuse(LedgerDraft draft, JobStartState state)
    {
        var answer = draft.Refusal(this);
        return answer == PlanResult.Completed ? Answer(new JobStart(state, job)) : answer;
    }

    private PlanResult Answer(JobStart start)
    {
        Complete(start);
        return PlanResult.Completed;
    }
}

public enum JobStartState
{
    Started,

    /// <summary>There is no such job any more.</summary>
    Gone,

    /// <summary>It runs, or is to wait a while.</summary>
    NotDue,

    /// <summary>All workers that it may have had have died.</summary>
    Exhausted,

    /// <summary>The account has as many open requests as it may.</summary>
    NoPlace,

    /// <summary>The account may spend nothing just now.</summary>
    Stopped,
}

/// <param name="Job">As it is after that; null if it is gone.</param>
public sealed record JobStart(JobStartState State, Job? Job);
