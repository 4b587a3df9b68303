using ServerlessImages.Abuse;
using ServerlessImages.Deployments;
using ServerlessImages.Events;
using ServerlessImages.Jobs;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// Closes a hold with an entry: settle, void or expire. Whoever comes first wins; the others learn what the first one wrote. Only a void frees the
/// Idempotency-Key: what was settled is replayed, what expired is taken over. With the hold of a job
/// ends the job, whose row is read before this is planned.
/// </summary>
internal sealed class CloseOperation : LedgerOperation<LedgerEntry?>
{
    private readonly OpenHold open;
    private readonly EntryType type;
    private readonly Money charge;
    private readonly ClosedRequest closed;
    private readonly Refusals? refusals;
    private readonly Func<Job, bool>? mayEnd;
    private readonly string entryKey;
    private bool freesKey;
    private Job? job;
    private LedgerEntry? planned;
    private LadderStep? reached;

    /// <param name="refusals">What of the request the content filter refused; null for nothing.</param>
    /// <param name="mayEnd">Whether the job may be ended as it is then; null: whatever it is.</param>
    public CloseOperation(OpenHold open, EntryType type, Money charge, ClosedRequest closed, Refusals? refusals = null, Func<Job, bool>? mayEnd = null)
    {
        (this.open, this.type, this.charge, this.closed, this.refusals, this.mayEnd) = (open, type, charge, closed, refusals, mayEnd);
        entryKey = LedgerRows.Entry(open.Hold.Id);
        freesKey = type == EntryType.Void && open.IdempotencyETag.Length > 0;
        MustResolve = open.Hold.IsJob;
    }

    public override IReadOnlyList<string> Keys =>
    [
        LedgerRows.Hold(open.Hold.Id), entryKey,
        .. freesKey ? [KeyRow] : (string[])[],
        .. open.Hold.IsJob ? [JobRow, LedgerRows.StoredOrder(job?.Order.Id ?? "")] : (string[])[],
    ];

    public override int RowCount => Keys.Count + 1 + (refusals is null ? 0 : 1);

    public override bool MayRaiseEvent => true;

    public override IReadOnlyList<string> Budgets => open.Hold.Budgets;

    private string KeyRow => LedgerRows.Idempotency(open.Hold.KeyHash);

    private string JobRow => LedgerRows.Job(open.Hold.Id);

    public override PlanResult Plan(LedgerDraft draft)
    {
        if (job is not null && mayEnd?.Invoke(job) == false)
        {
            Complete(null);
            return PlanResult.Completed;
        }

        var closing = draft.Balance.Close(open.Hold.Rail, open.Hold.Quote, charge, open.Hold.Expiring, waits: job?.State == JobState.Queued);
        draft.Balance = closing.Balance;
        foreach (var budget in Budgets) draft.Change(budget, each => each.Close(open.Hold.Quote, charge, open.Hold.Hour));
        planned = new LedgerEntry(type, open.Hold.Id, charge, draft.Now, draft.Balance.Sequence + 1, draft.Balance.Head, draft.Hour, Closed) { FromExpiring = closing.FromExpiring };
        draft.Add(this, RowWrite.Delete(LedgerRows.Hold(open.Hold.Id), open.ETag));
        if (freesKey) draft.Add(this, RowWrite.Delete(KeyRow, open.IdempotencyETag));
        if (job is not null) EndJob(draft, job);
        draft.AddEntry(this, entryKey, planned);
        IReadOnlyList<EventFact> told = [.. job is { IsAnswered: true } ? [JobEvents.Of(planned)] : (EventFact[])[], .. planned.IsCharge ? draft.Crossed(planned, open.Hold) : []];
        if (refusals is not null) (reached, told) = draft.Count(this, refusals, planned, told);
        draft.Tell(this, draft.WithEnd(planned, told));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags)
    {
        Told(planned!);
        Complete(planned!);
    }

    /// <summary>The entry tells, whoever wrote it. Without one, an open hold means that nothing happened yet: the same id is tried again, since the entry can be inserted only once.</summary>
    public override async Task ResolveAsync(PartitionRows rows)
    {
        if (await rows.FindAsync(entryKey) is { } entry)
        {
            var written = LedgerEntry.From(entry);
            if (IsOurs(entry)) Told(written);
            Complete(written);
            MustResolve = false;
        }
        else
        {
            job = open.Hold.IsJob && await rows.FindAsync(JobRow) is { } row ? Job.From(row) : null;
            MustResolve = (open.Hold.IsJob && job is null) || await rows.FindAsync(LedgerRows.Hold(open.Hold.Id)) is null;
            freesKey = freesKey && (await rows.FindAsync(KeyRow))?.ETag == open.IdempotencyETag;
        }
    }

    /// <summary>With what earlier attempts cost us.</summary>
    private ClosedRequest Closed => job is null ? closed : closed with { UpstreamCost = closed.UpstreamCost + job.UpstreamCost, Attempts = AttemptLog.Joined(job.Attempts, closed.Attempts) };

    /// <summary>Its order is no longer wanted, and listed until its blobs are deleted. Should it be listed already, since a store sent the first listing twice, the job ends all the same.</summary>
    private void EndJob(LedgerDraft draft, Job ended)
    {
        draft.Add(this, RowWrite.Delete(JobRow, ended.ETag));
        draft.Add(this, RowWrite.Upsert(LedgerRows.StoredOrder(ended.Order.Id), ended.Order.ToColumns(draft.Now, isOver: true)));
    }

    private void Told(LedgerEntry entry)
    {
        TellEnd(entry);
        if (Livemode && refusals is not null) LedgerTelemetry.Struck(refusals.Strike, reached);
    }
}
