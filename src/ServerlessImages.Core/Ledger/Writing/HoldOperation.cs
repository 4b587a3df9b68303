using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>Sets a quote aside and opens a hold.</summary>
internal sealed class HoldOperation(HoldRequest request, Func<string> nextId) : LedgerOperation<Result<OpenHold>>
{
    private string id = request.Id;
    private Hold? planned;
    private Pace? pace;

    public override IReadOnlyList<string> Keys => [LedgerRows.Hold(id)];

    public override int RowCount => 1;

    public override PlanResult Plan(LedgerDraft draft)
    {
        if (!draft.Balance.Hold(request.Quote, request.Plan, draft.Now).TryGet(out var held, out var error))
        {
            if (!draft.MayRefuse(this)) return PlanResult.NeedsNewerBalance;
            Complete(error);
            return PlanResult.Completed;
        }

        pace = held.Pace;
        planned = new Hold(id, request.Quote, Rail.Prepaid, draft.Now, draft.Now + request.Lifetime, request.Summary);
        draft.Balance = held.Balance;
        draft.Add(this, RowWrite.Insert(LedgerRows.Hold(id), planned.ToColumns(Token)));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(new OpenHold(planned!, etags[0], pace));

    /// <summary>
    /// Not there is not "never": the write may still be applied. Its id is therefore never used again; should it come late, it is an orphan
    /// that the sweeper gives back.
    /// </summary>
    public override async Task ResolveAsync(PartitionRows rows)
    {
        var row = await rows.FindAsync(LedgerRows.Hold(id));
        if (row is not null && row.Columns.Text(LedgerRows.TokenColumn) == Token) Complete(OpenHold.From(row));
        else id = nextId();
        MustResolve = false;
    }
}
