namespace ServerlessImages.Ledger.Writing;

/// <summary>Adds money, once for each grant id however often it is announced.</summary>
internal sealed class GrantOperation(string id, Money amount) : LedgerOperation<LedgerEntry>
{
    private readonly string key = LedgerRows.Grant(id);
    private LedgerEntry? planned;

    public override IReadOnlyList<string> Keys => [key];

    public override int RowCount => 2;

    public override PlanResult Plan(LedgerDraft draft)
    {
        draft.Balance = draft.Balance.Grant(amount);
        planned = new LedgerEntry(EntryType.Grant, id, amount, draft.Now, draft.Balance.Sequence + 1, draft.Balance.Head, draft.Hour);
        draft.AddEntry(this, key, planned);
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned!);

    public override async Task ResolveAsync(PartitionRows rows)
    {
        if (await rows.FindAsync(key) is { } entry) Complete(LedgerEntry.From(entry));
        MustResolve = false;
    }
}
