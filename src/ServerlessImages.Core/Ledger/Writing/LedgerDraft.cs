using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>A transaction in the making: the balance as it will be, and the rows that go with it. The balance row leads, under its ETag.</summary>
internal sealed class LedgerDraft
{
    private readonly KnownBalance before;
    private readonly List<RowWrite> writes = [];
    private readonly List<LedgerOperation?> owners = [];
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);

    public LedgerDraft(KnownBalance before, DateTimeOffset now)
    {
        this.before = before;
        Balance = before.Balance;
        Now = now;
    }

    public Balance Balance { get; set; }
    public DateTimeOffset Now { get; }
    public List<LedgerOperation> Planned { get; } = [];

    /// <summary>An operation could not be decided on this balance; the next attempt reads it anew.</summary>
    public bool IsStale { get; private set; }

    /// <summary>Until when abandoned requests may wait, as the store has it: not as this draft would leave it.</summary>
    public long AdoptableUntil => before.Balance.AdoptableUntil;

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
        if (operation.Keys.Any(keys.Contains) || writes.Count + operation.RowCount + 1 > StoreLimits.WritesMax) return;

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

    public void Add(LedgerOperation owner, RowWrite write)
    {
        writes.Add(write);
        owners.Add(owner);
    }

    /// <summary>Adds an entry in the partition's order: its row, its place, and the new head.</summary>
    public void AddEntry(LedgerOperation owner, string key, LedgerEntry entry)
    {
        var columns = entry.ToColumns();
        Balance = Balance with { Sequence = entry.Sequence, Head = EntryChain.Next(Balance.Head, key, columns) };
        columns.Add(LedgerRows.PreviousColumn, entry.Previous);
        columns.Add(LedgerRows.TokenColumn, owner.Token);
        Add(owner, RowWrite.Insert(key, columns));
        Add(owner, RowWrite.Insert(LedgerRows.Order(entry.Sequence), new Columns { { LedgerRows.EntryColumn, key } }));
    }

    public IReadOnlyList<RowWrite> Transaction() => [BalanceWrite(), .. writes];

    /// <summary>Whose row it was that the store refused; null for the balance itself.</summary>
    public LedgerOperation? OwnerOf(int writeIndex) => writeIndex == 0 ? null : owners[writeIndex - 1];

    public void Apply(IReadOnlyList<string> etags)
    {
        foreach (var operation in Planned) operation.Applied([.. etags.Skip(1).Where((_, index) => owners[index] == operation)]);
    }

    public KnownBalance After(string etag, long readAt) => new(Balance, etag, readAt);

    private RowWrite BalanceWrite() => before.ETag.Length == 0
        ? RowWrite.Insert(LedgerRows.Balance, Balance.ToColumns())
        : RowWrite.Replace(LedgerRows.Balance, Balance.ToColumns(), before.ETag);
}

/// <summary>A balance as it was read, or as our own transaction left it.</summary>
/// <param name="ETag">The version of its row, or "" where there is none yet.</param>
/// <param name="ReadAt">The arrival number up to which operations were queued when it was read.</param>
internal sealed record KnownBalance(Balance Balance, string ETag, long ReadAt)
{
    public static KnownBalance From(Row? row, long readAt) =>
        row is null ? new(Balance.Empty, "", readAt) : new(Balance.From(row.Columns), row.ETag, readAt);
}
