namespace ServerlessImages.Ledger.Writing;

/// <summary>Changes the balance row alone, in a way that does no harm if it is done twice.</summary>
internal sealed class ChangeOperation(Func<Balance, Balance> change) : LedgerOperation<Balance>
{
    private Balance? planned;

    public override IReadOnlyList<string> Keys => [];

    public override int RowCount => 0;

    public override PlanResult Plan(LedgerDraft draft)
    {
        planned = draft.Balance = change(draft.Balance);
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned!);

    public override Task ResolveAsync(PartitionRows rows)
    {
        MustResolve = false;
        return Task.CompletedTask;
    }
}
