using ServerlessImages.Abuse;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// Closes a hold with an entry: settle, void or expire. Whoever comes first wins; the others learn what the first one wrote. Only a void frees the
/// Idempotency-Key: what was settled is replayed, what expired is taken over.
/// </summary>
/// <param name="refusals">What of the request the content filter refused; null for nothing.</param>
internal sealed class CloseOperation(OpenHold open, EntryType type, Money charge, ClosedRequest closed, Refusals? refusals = null) : LedgerOperation<LedgerEntry>
{
    private readonly string entryKey = LedgerRows.Entry(open.Hold.Id);
    private bool freesKey = type == EntryType.Void && open.IdempotencyETag.Length > 0;
    private LedgerEntry? planned;
    private LadderStep? reached;

    public override IReadOnlyList<string> Keys => freesKey ? [LedgerRows.Hold(open.Hold.Id), entryKey, KeyRow] : [LedgerRows.Hold(open.Hold.Id), entryKey];

    public override int RowCount => Keys.Count + 1 + (refusals is null ? 0 : 1);

    public override bool MayRaiseEvent => true;

    public override IReadOnlyList<string> Budgets => open.Hold.Budgets;

    private string KeyRow => LedgerRows.Idempotency(open.Hold.KeyHash);

    public override PlanResult Plan(LedgerDraft draft)
    {
        var closing = draft.Balance.Close(open.Hold.Rail, open.Hold.Quote, charge, open.Hold.Expiring);
        draft.Balance = closing.Balance;
        foreach (var budget in Budgets) draft.Change(budget, each => each.Close(open.Hold.Quote, charge, open.Hold.Hour));
        planned = new LedgerEntry(type, open.Hold.Id, charge, draft.Now, draft.Balance.Sequence + 1, draft.Balance.Head, draft.Hour, closed) { FromExpiring = closing.FromExpiring };
        draft.Add(this, RowWrite.Delete(LedgerRows.Hold(open.Hold.Id), open.ETag));
        if (freesKey) draft.Add(this, RowWrite.Delete(KeyRow, open.IdempotencyETag));
        draft.AddEntry(this, entryKey, planned);
        var told = planned.IsCharge ? draft.Crossed(planned, open.Hold) : [];
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
            MustResolve = await rows.FindAsync(LedgerRows.Hold(open.Hold.Id)) is null;
            freesKey = freesKey && (await rows.FindAsync(KeyRow))?.ETag == open.IdempotencyETag;
        }
    }

    private void Told(LedgerEntry entry)
    {
        if (!Livemode) return;
        LedgerTelemetry.Closed(entry);
        if (refusals is not null) LedgerTelemetry.Struck(refusals.Strike, reached);
    }
}
