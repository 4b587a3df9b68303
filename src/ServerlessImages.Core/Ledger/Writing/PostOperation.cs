namespace ServerlessImages.Ledger.Writing;

/// <summary>Writes an entry of money that comes in or goes back, once for each id however often it is announced.</summary>
internal sealed class PostOperation(EntryType type, string id, Money amount, string grantId) : LedgerOperation<LedgerEntry>
{
    private readonly string key = LedgerRows.Posting(type, id);
    private LedgerEntry? planned;

    public override IReadOnlyList<string> Keys => [key];

    public override int RowCount => 2;

    public override PlanResult Plan(LedgerDraft draft)
    {
        draft.Balance = draft.Balance.Post(type, amount);
        planned = new LedgerEntry(type, id, amount, draft.Now, draft.Balance.Sequence + 1, draft.Balance.Head, draft.Hour) { GrantId = grantId };
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
