using ServerlessImages.Jobs;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>Sets a quote aside and opens a hold; with an Idempotency-Key, claims it in the same transaction.</summary>
internal sealed class HoldOperation(HoldRequest request, Func<string> nextId) : LedgerOperation<Result<HoldOutcome>>
{
    private string id = request.Id;
    private string takeOverETag = request.Idempotency?.TakeOverETag ?? "";
    private bool isKeyFree = request.Idempotency is null;
    private readonly List<Hold> tried = [];
    private Hold? planned;
    private Pace? pace;

    public override IReadOnlyList<string> Keys =>
    [
        LedgerRows.Hold(id),
        .. KeyRow is { } row ? [row] : (string[])[],
        .. request.Job is { } job ? [LedgerRows.Job(id), LedgerRows.JobPlace(id), LedgerRows.StoredOrder(job.Order.Id)] : (string[])[],
    ];

    public override int RowCount => Keys.Count;

    public override IReadOnlyList<string> Budgets { get; } = request.Budgets;

    private string? KeyRow => request.Idempotency is { } claim ? LedgerRows.Idempotency(claim.KeyHash) : null;

    public override PlanResult Plan(LedgerDraft draft)
    {
        if (request.KeyGeneration < draft.Balance.KeyGeneration) return LookAtKey(draft);
        if (request.MayAdopt && draft.Balance.AdoptableUntil > draft.Now.ToUnixTimeMilliseconds()) return LookForAbandoned(draft);
        if (!draft.Balance.Hold(request.Quote, request.Plan, draft.Now, waits: request.Job is { Lease: null }).TryGet(out var held, out var error)) return Refuse(draft, error);
        if (!HoldBudgets(draft).TryGet(out var budgets, out error)) return Refuse(draft, error);

        planned = new Hold(id, request.Quote, held.Rail, draft.Now, draft.Now + request.Lifetime, request.Summary, request.Idempotency?.KeyHash ?? "", draft.Hour)
        {
            Budgets = [.. budgets.Keys],
            Expiring = held.Expiring,
            OnProbation = draft.Now < request.NewUntil || draft.Balance.Conduct.IsOnProbation(draft.Now),
            IsJob = request.Job is not null,
        };
        draft.Balance = held.Balance;
        foreach (var (key, budget) in budgets) draft.Change(key, _ => budget);
        pace = PaceOf(draft);
        draft.Add(this, RowWrite.Insert(LedgerRows.Hold(id), planned.ToColumns(Token)));
        if (KeyRow is { } row) draft.Add(this, Claim(row, draft.Now));
        if (request.Job is { } claim) AcceptJob(draft, claim, planned);
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags)
    {
        var job = request.Job is { } claim ? claim.Begin(id, planned!.HeldAt) with { ETag = etags[KeyRow is null ? 1 : 2] } : null;
        CompleteHeld(new OpenHold(planned!, etags[0], pace, KeyRow is null ? "" : etags[1], job));
    }

    /// <summary>
    /// Not there is not "never": the write may still be applied. Its id is therefore never used again; should it come late, it is an orphan
    /// that the sweeper gives back. A key's record that is not ours answers instead of us.
    /// </summary>
    public override async Task ResolveAsync(PartitionRows rows)
    {
        var record = KeyRow is null ? null : await rows.FindAsync(KeyRow);
        if (IsOurs(record)) id = IdempotencyRecord.From(record).RequestId;
        var hold = await rows.FindAsync(LedgerRows.Hold(id));
        if (IsOurs(hold)) CompleteHeld(OpenHold.From(hold) with { IdempotencyETag = IsOurs(record) ? record.ETag : "", Job = await FindJobAsync(rows) });
        else if (request.Job is { } job && (await rows.FindAsync(LedgerRows.StoredOrder(job.Order.Id)))?.ETag != job.Order.ETag) await ResolveAcceptedAsync(rows);
        else if (record is not null && record.ETag != takeOverETag) Complete(new HoldOutcome(Earlier: IdempotencyRecord.From(record)));
        else (id, isKeyFree, takeOverETag) = (nextId(), true, record is null ? "" : takeOverETag);
        MustResolve = false;
    }

    private async Task<Job?> FindJobAsync(PartitionRows rows) => await rows.FindAsync(LedgerRows.Job(id)) is { } job ? Job.From(job) : null;

    private void AcceptJob(LedgerDraft draft, JobClaim claim, Hold hold)
    {
        tried.Add(hold);
        draft.Add(this, RowWrite.Insert(LedgerRows.Job(id), claim.Begin(id, draft.Now).ToColumns(Token)));
        draft.Add(this, RowWrite.Insert(LedgerRows.JobPlace(id), []));
        draft.Add(this, RowWrite.Delete(LedgerRows.StoredOrder(claim.Order.Id), claim.Order.ETag));
    }

    /// <summary>
    /// A job is an orphan that somebody draws, so that none may be left. Its order can be taken only once: it is gone, so one of the tries was written, and is found,
    /// also if the job has ended by now; or nobody wanted the order for so long that it was swept.
    /// </summary>
    private async Task ResolveAcceptedAsync(PartitionRows rows)
    {
        foreach (var each in tried)
        {
            var row = await rows.FindAsync(LedgerRows.Hold(each.Id));
            if (row is null && await rows.FindAsync(LedgerRows.Entry(each.Id)) is null) continue;
            id = each.Id;
            CompleteHeld(new OpenHold(each, row?.ETag ?? "", pace, Job: await FindJobAsync(rows)));
            return;
        }

        Complete(ApiError.LedgerUnavailable with { Cause = "The job's order is gone." });
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
