using ServerlessImages.Events;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>Tells a fact that no entry goes with, once for each name.</summary>
/// <param name="key">The row that can be inserted only once.</param>
internal sealed class AnnounceOperation(EventFact fact, string key) : LedgerOperation<long>
{
    private long planned;

    public override IReadOnlyList<string> Keys => [key];

    public override int RowCount => 2;

    public override PlanResult Plan(LedgerDraft draft)
    {
        draft.Tell(this, [fact]);
        planned = draft.Balance.Events;
        draft.Add(this, RowWrite.Insert(key, new Columns { { LedgerRows.EventColumn, planned } }));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned);

    public override async Task ResolveAsync(PartitionRows rows)
    {
        if (await rows.FindAsync(key) is { } told) Complete(told.Columns.Integer(LedgerRows.EventColumn));
        MustResolve = false;
    }
}
