using ServerlessImages.Events;
using ServerlessImages.Jobs;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// Charges a hold that has expired, if the account is not closed, the pot and the budgets still have the money, and the Idempotency-Key is still its own: whoever took the key over draws
/// and pays by itself. It reads before it is planned, since all that it needs to know is older than it is.
/// </summary>
internal sealed class LateOperation : LedgerOperation<LedgerEntry?>
{
    private readonly OpenHold open;
    private readonly Money charge;
    private readonly ClosedRequest closed;
    private readonly string entryKey;
    private Row? record;
    private LedgerEntry? planned;
    private bool isRefused;

    public LateOperation(OpenHold open, Money charge, ClosedRequest closed)
    {
        (this.open, this.charge, this.closed) = (open, charge, closed);
        entryKey = LedgerRows.LateEntry(open.Hold.Id);
        MustResolve = true;
    }

    public override IReadOnlyList<string> Keys => HasKey ? [entryKey, KeyRow] : [entryKey];

    public override IReadOnlyList<string> Budgets => open.Hold.Budgets;

    public override int RowCount => Keys.Count + 1;

    public override bool MayRaiseEvent => true;

    private bool HasKey => open.Hold.KeyHash.Length > 0;

    private string KeyRow => LedgerRows.Idempotency(open.Hold.KeyHash);

    public override PlanResult Plan(LedgerDraft draft)
    {
        if (draft.Balance.Late(open.Hold.Rail, charge) is not { } late) return Refuse(draft);
        var budgets = Budgets.Select(key => (Key: key, After: draft.BudgetOf(key)?.Late(charge, open.Hold.Hour))).ToArray();
        if (budgets.Any(each => each.After is null)) return Refuse(draft);

        draft.Balance = late.Balance;
        foreach (var (key, after) in budgets) draft.Change(key, _ => after!);
        if (HasKey) draft.Add(this, RowWrite.Replace(KeyRow, record!.Columns, record.ETag));
        planned = new LedgerEntry(EntryType.Late, open.Hold.Id, charge, draft.Now, draft.Balance.Sequence + 1, draft.Balance.Head, draft.Hour, closed) { FromExpiring = late.FromExpiring };
        draft.AddEntry(this, entryKey, planned);
        draft.Tell(this, draft.WithEnd(planned, [.. open.Job is { IsAnswered: true } ? [JobEvents.Of(planned)] : (EventFact[])[], .. draft.Crossed(planned, open.Hold)]));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags)
    {
        TellEnd(planned!);
        Complete(planned);
    }

    public override async Task ResolveAsync(PartitionRows rows)
    {
        record = HasKey ? await rows.FindAsync(KeyRow) : null;
        var isOurs = record is not null && IdempotencyRecord.From(record).RequestId == open.Hold.Id;
        if (await rows.FindAsync(entryKey) is { } entry)
        {
            var written = LedgerEntry.From(entry);
            if (IsOurs(entry)) TellEnd(written);
            Complete(written);
        }
        else if (isRefused || (HasKey && !isOurs))
        {
            Complete(null);
        }

        MustResolve = false;
    }

    /// <summary>
    /// A write whose answer was lost may be the very reason why the money is gone: applied after its entry was looked for, and before the balance was read. The
    /// entry is looked for once more; if it is not there with this balance, it never comes, for its write was led by an older one.
    /// </summary>
    private PlanResult Refuse(LedgerDraft draft)
    {
        var answer = draft.Refusal(this);
        if (answer != PlanResult.Completed) return answer;
        if (planned is null) Complete(null);
        else (isRefused, MustResolve) = (true, true);
        return answer;
    }
}
