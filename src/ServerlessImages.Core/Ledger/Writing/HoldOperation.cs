using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>Sets a quote aside and opens a hold; with an Idempotency-Key, claims it in the same transaction.</summary>
internal sealed class HoldOperation(HoldRequest request, Func<string> nextId) : LedgerOperation<Result<HoldOutcome>>
{
    private string id = request.Id;
    private string takeOverETag = request.Idempotency?.TakeOverETag ?? "";
    private bool isKeyFree = request.Idempotency is null;
    private Hold? planned;
    private Pace? pace;

    public override IReadOnlyList<string> Keys => KeyRow is null ? [LedgerRows.Hold(id)] : [LedgerRows.Hold(id), KeyRow];

    public override int RowCount => Keys.Count;

    public override IReadOnlyList<string> Budgets { get; } = request.Budgets;

    private string? KeyRow => request.Idempotency is { } claim ? LedgerRows.Idempotency(claim.KeyHash) : null;

    public override PlanResult Plan(LedgerDraft draft)
    {
        if (request.KeyGeneration < draft.Balance.KeyGeneration) return LookAtKey(draft);
        if (request.MayAdopt && draft.Balance.AdoptableUntil > draft.Now.ToUnixTimeMilliseconds()) return LookForAbandoned(draft);
        if (!draft.Balance.Hold(request.Quote, request.Plan, draft.Now).TryGet(out var held, out var error)) return Refuse(draft, error);
        if (!HoldBudgets(draft).TryGet(out var budgets, out error)) return Refuse(draft, error);

        planned = new Hold(id, request.Quote, held.Rail, draft.Now, draft.Now + request.Lifetime, request.Summary, request.Idempotency?.KeyHash ?? "", draft.Hour) { Budgets = [.. budgets.Keys], Expiring = held.Expiring, OnProbation = draft.Now < request.NewUntil || draft.Balance.Conduct.IsOnProbation(draft.Now) };
        draft.Balance = held.Balance;
        foreach (var (key, budget) in budgets) draft.Change(key, _ => budget);
        pace = PaceOf(draft);
        draft.Add(this, RowWrite.Insert(LedgerRows.Hold(id), planned.ToColumns(Token)));
        if (KeyRow is { } row) draft.Add(this, Claim(row, draft.Now));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => CompleteHeld(new OpenHold(planned!, etags[0], pace, etags.ElementAtOrDefault(1) ?? ""));

    /// <summary>
    /// Not there is not "never": the write may still be applied. Its id is therefore never used again; should it come late, it is an orphan
    /// that the sweeper gives back. A key's record that is not ours answers instead of us.
    /// </summary>
    public override async Task ResolveAsync(PartitionRows rows)
    {
        var record = KeyRow is null ? null : await rows.FindAsync(KeyRow);
        if (IsOurs(record)) id = IdempotencyRecord.From(record).RequestId;
        var hold = await rows.FindAsync(LedgerRows.Hold(id));
        if (IsOurs(hold)) CompleteHeld(OpenHold.From(hold) with { IdempotencyETag = IsOurs(record) ? record.ETag : "" });
        else if (record is not null && record.ETag != takeOverETag) Complete(new HoldOutcome(Earlier: IdempotencyRecord.From(record)));
        else (id, isKeyFree, takeOverETag) = (nextId(), true, record is null ? "" : takeOverETag);
        MustResolve = false;
    }

    /// <summary>Whoever owns the key gets its answer, money or not: so a refusal waits until the key is known to be free.</summary>
    private PlanResult Refuse(LedgerDraft draft, ApiError error)
    {
        if (draft.Refusal(this) is var answer and not PlanResult.Completed) return answer;
        if (isKeyFree) return Completed(error with { Pace = PaceOf(draft) });
        MustResolve = true;
        return PlanResult.Completed;
    }

    /// <summary>What the caller is told: of the rates of the account, its key and its end user, the one that lets the fewest start now.</summary>
    private Pace PaceOf(LedgerDraft draft)
    {
        var narrowest = RateLimit.Of(request.Plan).Look(draft.Balance.PaceMicroseconds, draft.Now);
        foreach (var key in Budgets)
        {
            if (draft.BudgetOf(key)?.Look(draft.Now) is { } own && own.IsNarrowerThan(narrowest)) narrowest = own;
        }

        return narrowest;
    }

    private Result<Dictionary<string, Budget>> HoldBudgets(LedgerDraft draft)
    {
        var held = new Dictionary<string, Budget>(StringComparer.Ordinal);
        foreach (var key in Budgets)
        {
            if (draft.BudgetOf(key) is not { } budget) continue;
            if (!budget.Hold(request.Quote, draft.Hour, draft.Now).TryGet(out var after, out var error)) return error;
            held.Add(key, after);
        }

        return held;
    }

    /// <summary>The revocation has to be written before anyone may rely on having seen it.</summary>
    private PlanResult LookAtKey(LedgerDraft draft) =>
        draft.Balance.KeyGeneration == draft.Stored.KeyGeneration ? Completed(new HoldOutcome(NewerKeyGeneration: draft.Balance.KeyGeneration)) : PlanResult.Waits;

    /// <summary>The row that says what was abandoned has to be written before anyone looks for it.</summary>
    private PlanResult LookForAbandoned(LedgerDraft draft) =>
        draft.Balance.AdoptableUntil == draft.Stored.AdoptableUntil ? Completed(new HoldOutcome(MayHaveBeenAbandoned: true)) : PlanResult.Waits;

    private RowWrite Claim(string row, DateTimeOffset now)
    {
        var columns = IdempotencyRecord.ToColumns(id, request.Summary.Fingerprint, now + IdempotencyClaim.KeptFor, Token);
        return takeOverETag.Length == 0 ? RowWrite.Insert(row, columns) : RowWrite.Replace(row, columns, takeOverETag);
    }

    private void CompleteHeld(OpenHold hold)
    {
        if (Livemode) LedgerTelemetry.Held(hold.Hold);
        Complete(new HoldOutcome(hold));
    }

    private PlanResult Completed(Result<HoldOutcome> result)
    {
        Complete(result);
        return PlanResult.Completed;
    }
}
