using ServerlessImages.Abuse;

namespace ServerlessImages.Ledger.Writing;

/// <summary>Takes an account off the ladder, and tells it. Where it is on none, nothing happens: so done twice, it is the same.</summary>
internal sealed class ClearConductOperation : LedgerOperation<Balance>
{
    private Balance? planned;

    public override IReadOnlyList<string> Keys => [];

    public override int RowCount => 0;

    public override bool MayRaiseEvent => true;

    public override PlanResult Plan(LedgerDraft draft)
    {
        var cleared = draft.Balance with { Conduct = draft.Balance.Conduct.Cleared(), Stops = draft.Balance.Stops & ~StopReasons.ContentReview };
        var wasOnLadder = draft.Balance.RungAt(draft.Now) != Rung.Good;
        draft.Balance = cleared;
        if (wasOnLadder) draft.Tell(this, [ConductFact.Cleared]);
        planned = draft.Balance;
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned!);

    public override Task ResolveAsync(PartitionRows rows)
    {
        MustResolve = false;
        return Task.CompletedTask;
    }
}
