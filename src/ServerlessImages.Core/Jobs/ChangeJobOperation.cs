using ServerlessImages.Ledger;
using ServerlessImages.Ledger.Writing;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>Changes a job that the worker still has: gives it back, or notes that its caller knows of it. Where another has it by now, nothing happens.</summary>
/// <param name="seen">As it was when the worker last wrote or read it.</param>
internal sealed class ChangeJobOperation(Job seen, Func<Job, Job> change) : LedgerOperation<Job?>
{
    private readonly string key = LedgerRows.Job(seen.Id);
    private Job? planned;

    public override IReadOnlyList<string> Keys => [key];

    public override int RowCount => 1;

    public override PlanResult Plan(LedgerDraft draft)
    {
        planned = change(seen);
        if (seen.State == JobState.Running && planned.State == JobState.Queued) draft.Balance = draft.Balance with { Open = draft.Balance.Open - 1 };
        draft.Add(this, RowWrite.Replace(key, planned.ToColumns(Token), seen.ETag));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned! with { ETag = etags[0] });

    public override async Task ResolveAsync(PartitionRows rows)
    {
        var row = await rows.FindAsync(key);
        if (IsOurs(row)) Complete(Job.From(row));
        else if (row?.ETag != seen.ETag) Complete(null);
        MustResolve = false;
    }
}
