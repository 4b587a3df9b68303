using ServerlessImages.Abuse;
using ServerlessImages.Events;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// A transaction in the making: the balance as it will be, and the rows that go with it. The balance row leads, under its ETag; then come the usage of an hour
/// that is over, what the collector is to be told of it, what has expired, and the budgets, which no operation owns; then each operation's own rows.
/// </summary>
internal sealed class LedgerDraft
{
    private readonly KnownState before;
    private readonly Dictionary<string, KnownBudget> budgets = new(StringComparer.Ordinal);
    private readonly List<RowWrite> expiries = [];
    private readonly List<RowWrite> writes = [];
    private readonly List<LedgerOperation> owners = [];
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);

    public LedgerDraft(KnownState before, DateTimeOffset now)
    {
        this.before = before;
        Balance = before.Balance.At(now);
        Now = now;
        foreach (var grant in Balance.Expiring.Due) Expire(grant);
    }

    public Balance Balance { get; set; }
    public DateTimeOffset Now { get; }
    public LedgerHour Hour => Balance.Usage.Hour;
    public List<LedgerOperation> Planned { get; } = [];

    /// <summary>An operation could not be decided on this balance; the next attempt reads it anew.</summary>
    public bool IsStale { get; private set; }

    /// <summary>Whether it tells of something, and somebody wants to be told.</summary>
    public bool HasNews => Balance.Events > before.Balance.Events && Balance.WantedEvents != 0;

    /// <summary>The balance as the store has it: not as this draft would leave it.</summary>
    public Balance Stored => before.Balance;

    /// <summary>
    /// Whether an operation may be refused now. Only on a balance that was read after it arrived, and never because of a neighbour in the same draft, which is
    /// not written yet and may never be.
    /// </summary>
    /// <returns><see cref="PlanResult.Completed"/> if it may, or what it has to do instead.</returns>
    public PlanResult Refusal(LedgerOperation operation)
    {
        if (Planned.Count > 0) return PlanResult.Waits;
        return operation.Arrival <= before.ReadAt ? PlanResult.Completed : PlanResult.NeedsNewerBalance;
    }

    public void Plan(LedgerOperation operation)
    {
        // A row may be in a transaction only once: a second operation on it waits for the next.
        if (operation.Keys.Any(keys.Contains) || LeadingCount + operation.Budgets.Count + writes.Count + operation.RowCount + (operation.MayRaiseEvent ? 1 : 0) > StoreLimits.WritesMax) return;

        switch (operation.Plan(this))
        {
            case PlanResult.Planned:
                Planned.Add(operation);
                keys.UnionWith(operation.Keys);
                break;
            case PlanResult.NeedsNewerBalance:
                IsStale = true;
                break;
        }
    }

    /// <returns>The budget as this draft would leave it, or null if none is set.</returns>
    public Budget? BudgetOf(string key) => budgets.GetValueOrDefault(key)?.Budget ?? before.Budgets.GetValueOrDefault(key)?.Budget;

    /// <summary>Changes a budget that is set.</summary>
    public void Change(string key, Func<Budget, Budget> change)
    {
        if (BudgetOf(key) is { } budget) budgets[key] = new KnownBudget(change(budget), before.Budgets.GetValueOrDefault(key)?.ETag ?? "");
    }

    /// <summary>Sets one that was not.</summary>
    public void Begin(string key, Budget budget)
    {
        budgets[key] = new KnownBudget(budget, "");
        Balance = Balance with { Budgets = Balance.Budgets + 1 };
    }

    /// <param name="owner">Null for what expires by itself, before anything else happens.</param>
    public void Add(LedgerOperation? owner, RowWrite write)
    {
        if (owner is null)
        {
            expiries.Add(write);
            return;
        }

        writes.Add(write);
        owners.Add(owner);
    }

    /// <summary>Adds an entry in the partition's order: its row, its place, and the new head.</summary>
    public void AddEntry(LedgerOperation? owner, string key, LedgerEntry entry)
    {
        var columns = entry.ToColumns();
        Balance = Balance with { Sequence = entry.Sequence, Head = EntryChain.Next(Balance.Head, key, columns) };
        columns.Add(LedgerRows.PreviousColumn, entry.Previous);
        columns.Add(LedgerRows.TokenColumn, owner?.Token ?? "");
        Add(owner, RowWrite.Insert(key, columns));
        Add(owner, RowWrite.Insert(LedgerRows.Order(entry.Sequence), new Columns { { LedgerRows.EntryColumn, key } }));
    }

    /// <summary>Notes which shares of limits a charge has crossed, in the rows that change anyway.</summary>
    /// <returns>What is to be told of them.</returns>
    public IReadOnlyList<EventFact> Crossed(LedgerEntry charge, Hold hold)
    {
        var alerts = new List<SpendAlert>();
        foreach (var key in hold.Budgets)
        {
            Change(key, budget =>
            {
                var (after, crossed) = budget.Announce(hold.Quote, hold.Hour);
                alerts.AddRange(crossed);
                return after;
            });
        }

        (Balance, var low) = Balance.Announce(hold.Rail, hold.Quote);
        if (low is not null) alerts.Add(low);
        return [.. alerts.Select(alert => alert.ToFact(charge))];
    }

    /// <summary>Notes calls that the content filter refused: in the balance, in a row of their own, and in what is to be told if they reach a step of the ladder.</summary>
    public (LadderStep? Reached, IReadOnlyList<EventFact> Facts) Count(LedgerOperation owner, Refusals refusals, LedgerEntry entry, IReadOnlyList<EventFact> before)
    {
        (Balance, var step) = Balance.Count(refusals, Now);
        var asked = entry.Request!.Summary;
        var row = new StrikeRow(Balance.Conduct.Rows, Now, entry.Id, asked.KeyId, asked.EndUser, refusals.Strike, step?.Rung ?? Rung.Good);
        Add(owner, RowWrite.Insert(LedgerRows.Strike(row.Number), row.ToColumns()));
        return (step, step is null ? before : [.. before, ConductFact.Of(step, row, Balance.Conduct, refusals.Ladder)]);
    }

    /// <summary>With a request's end, where somebody wants to know of it.</summary>
    public IReadOnlyList<EventFact> WithEnd(LedgerEntry entry, IReadOnlyList<EventFact> facts) => Balance.Wants(RequestFact.TypeOf(entry)) ? [.. facts, RequestFact.Of(entry)] : facts;

    /// <summary>One row for all that an operation has to tell; none for nothing.</summary>
    public void Tell(LedgerOperation owner, IReadOnlyList<EventFact> facts)
    {
        if (facts.Count == 0) return;
        Balance = Balance with { Events = Balance.Events + 1 };
        var told = new EventRow(Balance.Events, Now, facts);
        Add(owner, RowWrite.Insert(LedgerRows.Event(told.Number), told.ToColumns()));
    }

    public IReadOnlyList<RowWrite> Transaction() => [BalanceWrite(), .. ClosedHour(), .. expiries, .. budgets.Select(each => BudgetWrite(each.Key, each.Value)), .. writes];

    /// <summary>Whose row it was that the store refused; null for a row that nobody owns: what is known is not what is stored.</summary>
    public LedgerOperation? OwnerOf(int writeIndex) => writeIndex < LeadingCount ? null : owners[writeIndex - LeadingCount];

    public void Apply(IReadOnlyList<string> etags)
    {
        var own = etags.Skip(LeadingCount).ToArray();
        foreach (var operation in Planned) operation.Applied([.. own.Where((_, index) => owners[index] == operation)]);
    }

    public KnownState After(IReadOnlyList<string> etags, long readAt)
    {
        var first = LeadingCount - budgets.Count;
        var after = new Dictionary<string, KnownBudget?>(before.Budgets, StringComparer.Ordinal);
        foreach (var (index, (key, known)) in budgets.Index()) after[key] = known with { ETag = etags[first + index] };
        return new KnownState(Balance, etags[0], readAt, after);
    }

    private int LeadingCount => 1 + (ClosesHour ? 1 : 0) + (ClosesHour && IsOwed ? 1 : 0) + expiries.Count + budgets.Count;

    private bool ClosesHour => !before.Balance.Usage.IsEmpty && before.Balance.Usage.Hour != Hour;

    private bool IsOwed => before.Balance.Usage.Postpaid > Money.Zero;

    private void Expire(ExpiringGrant grant)
    {
        var entry = new LedgerEntry(EntryType.ExpireGrant, grant.GrantId, grant.Left, Now, Balance.Sequence + 1, Balance.Head, Hour);
        Balance = Balance.Expire(grant);
        AddEntry(owner: null, LedgerRows.Posting(EntryType.ExpireGrant, grant.GrantId), entry);
    }

    private RowWrite BalanceWrite() => before.ETag.Length == 0
        ? RowWrite.Insert(LedgerRows.Balance, Balance.ToColumns())
        : RowWrite.Replace(LedgerRows.Balance, Balance.ToColumns(), before.ETag);

    private IEnumerable<RowWrite> ClosedHour()
    {
        var closed = before.Balance.Usage;
        if (ClosesHour) yield return RowWrite.Insert(LedgerRows.Usage(closed.Hour), closed.ToColumns());
        if (ClosesHour && IsOwed) yield return RowWrite.Insert(LedgerRows.Outbox(closed.Hour), new Billing.MeterEvent(closed.Hour, closed.Postpaid).ToColumns());
    }

    private static RowWrite BudgetWrite(string key, KnownBudget known) => known.ETag.Length == 0
        ? RowWrite.Insert(key, known.Budget.ToColumns())
        : RowWrite.Replace(key, known.Budget.ToColumns(), known.ETag);
}
