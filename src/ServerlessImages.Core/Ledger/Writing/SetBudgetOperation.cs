namespace ServerlessImages.Ledger.Writing;

/// <summary>Sets the limits of a key or an end user. What was spent since the first time stands.</summary>
internal sealed class SetBudgetOperation(string key, BudgetLimits limits) : LedgerOperation<Budget>
{
    private Budget? planned;

    public override IReadOnlyList<string> Keys => [];

    public override IReadOnlyList<string> Budgets => [key];

    public override int RowCount => 0;

    public override PlanResult Plan(LedgerDraft draft)
    {
        // While no budget is set at all, none is looked for: and so none is there.
        if (draft.BudgetOf(key) is null) draft.Begin(key, Budget.Of(LedgerRows.OwnerOf(key), limits));
        else draft.Change(key, budget => budget.WithLimits(limits));
        planned = draft.BudgetOf(key)!.At(draft.Hour);
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned!);

    /// <summary>Done twice, it is the same.</summary>
    public override Task ResolveAsync(PartitionRows rows)
    {
        MustResolve = false;
        return Task.CompletedTask;
    }
}
