namespace ServerlessImages.Ledger.Writing;

/// <summary>Writes an entry of money that comes in or goes back, once for each id however often it is announced.</summary>
internal sealed class PostOperation : LedgerOperation<Result<LedgerEntry>>
{
    private readonly EntryType type;
    private readonly string id;
    private readonly Money amount;
    private readonly string grantId;
    private readonly DateTimeOffset? expiresAt;
    private readonly string key;
    private LedgerEntry? planned;

    /// <param name="expiresAt">When what is left of a grant expires. There may be no room for another such; one that is there already is answered all the same, so its entry is looked for first.</param>
    public PostOperation(EntryType type, string id, Money amount, string grantId, DateTimeOffset? expiresAt)
    {
        (this.type, this.id, this.amount, this.grantId, this.expiresAt) = (type, id, amount, grantId, expiresAt);
        key = LedgerRows.Posting(type, id);
        MustResolve = expiresAt is not null;
    }

    public override IReadOnlyList<string> Keys => [key];

    public override int RowCount => 2;

    public override PlanResult Plan(LedgerDraft draft)
    {
        if (expiresAt is not null && RefusalOf(draft) is { } answer) return answer;

        // Sent again for long enough, it can be over when it comes: a neighbour in the draft must not hold it.
        var posting = draft.Balance.Post(type, amount, expiresAt is { } time ? new ExpiringGrant(id, time, amount, Held: Money.Zero, IsOver: time <= draft.Now) : null);
        draft.Balance = posting.Balance;
        planned = new LedgerEntry(type, id, amount, draft.Now, draft.Balance.Sequence + 1, draft.Balance.Head, draft.Hour) { GrantId = grantId, ExpiresAt = expiresAt, FromExpiring = posting.FromExpiring };
        draft.AddEntry(this, key, planned);
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned!);

    public override async Task ResolveAsync(PartitionRows rows)
    {
        if (await rows.FindAsync(key) is { } entry) Complete(LedgerEntry.From(entry));
        MustResolve = false;
    }

    private PlanResult? RefusalOf(LedgerDraft draft)
    {
        var grants = draft.Balance.Expiring.Grants;
        if (grants.Any(grant => grant.GrantId == id))
        {
            // Written since its entry was looked for: by another instance, or by ourselves with the answer lost.
            MustResolve = true;
            return PlanResult.Completed;
        }

        if (grants.Count < ExpiringCredit.GrantsMax) return null;
        var answer = draft.Refusal(this);
        if (answer == PlanResult.Completed) Complete(ApiError.TooManyExpiringGrants(ExpiringCredit.GrantsMax));
        return answer;
    }
}
