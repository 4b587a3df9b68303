using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>What the rows of one ledger partition add up to, kept beside the store and changed with each of its rows. It shares no sum with Core.</summary>
internal sealed class AccountBooks(Plan plan)
{
    private SpendOracle? spend;

    public Plan Plan => plan;

    /// <summary>The row <c>B</c> after the last commit.</summary>
    public StoredBalance Balance { get; private set; } = StoredBalance.Empty;

    public StoredBalance Before { get; private set; } = StoredBalance.Empty;

    /// <summary>By pot, as the other sums are.</summary>
    public PotSums HoldsSum { get; } = new();

    public PotSums SettledSum { get; } = new();

    /// <summary>What was charged in each hour of the ledger.</summary>
    public Dictionary<long, PotSums> Hours { get; } = [];

    /// <summary>The rows of budgets, as they are stored.</summary>
    public Dictionary<string, Columns> Budgets { get; } = [];

    /// <summary>What the open holds hold of each budget, and what was charged to it.</summary>
    public Dictionary<string, BudgetSums> BudgetsSum { get; } = [];

    /// <summary>Keys whose revocation is complete.</summary>
    public HashSet<string> RevokedKeys { get; } = [];

    /// <summary>Keys whose row says that they are revoked; it is complete with the next generation.</summary>
    public HashSet<string> KeysBeingRevoked { get; } = [];

    public long GrantedSum { get; private set; }

    /// <summary>Refunds and disputes, less their reversals.</summary>
    public long RefundedSum { get; private set; }

    /// <summary>What expired of grants.</summary>
    public long ExpiredSum { get; private set; }

    /// <summary>Every grant that expires, by its id.</summary>
    public Dictionary<string, PromotionFact> Promotions { get; } = [];

    public SpendOracle Spend => spend ??= new SpendOracle(this);

    public long Events { get; private set; }

    /// <summary>The invoices that were paid.</summary>
    public long PaidSum { get; private set; }

    public int OrderCount { get; private set; }

    public HashSet<string> OpenHolds { get; } = [];

    /// <summary>The jobs that have not ended, as they are stored.</summary>
    public Dictionary<string, Columns> Jobs { get; } = [];

    /// <summary>Every job whose caller was told its id, as far as its row says.</summary>
    public HashSet<string> KnownJobs { get; } = [];

    /// <summary>Orders that no job has.</summary>
    public HashSet<string> Orders { get; } = [];

    public int OpenCount => OpenHolds.Count - Jobs.Values.Count(job => job.Text("State") == "Queued");

    /// <summary>Every hold that ever was.</summary>
    public Dictionary<string, HoldFact> Holds { get; } = [];

    public HashSet<string> Expired { get; } = [];

    /// <summary>Every entry of a request, by its id: of two the later.</summary>
    public Dictionary<string, EntryFact> Entries { get; } = [];

    /// <summary>Every grant, by its id.</summary>
    public Dictionary<string, long> Grants { get; } = [];

    /// <summary>Every refund, dispute and reversal, by its row.</summary>
    public Dictionary<string, long> Refunds { get; } = [];

    /// <summary>Every invoice that was paid, by its id.</summary>
    public Dictionary<string, long> Payments { get; } = [];

    /// <summary>Requests whose images were deleted on purpose.</summary>
    public HashSet<string> Deletions { get; } = [];

    /// <summary>The balance after each commit, oldest first.</summary>
    public List<BalanceMoment> Moments { get; } = [new(0, StoredBalance.Empty)];

    /// <summary>The head of the chain over all entries, computed anew.</summary>
    public string Head { get; set; } = EntryChain.Start;

    public long Sequence { get; set; }

    /// <param name="at">In microseconds of virtual time.</param>
    public void Apply(Commit commit, long at)
    {
        Before = Balance;
        foreach (var change in commit.Changes)
        {
            if (change.Before is { } before) Count(before, -1);
            if (change.After is { } after) Count(after, +1);
            Remember(change, at);
        }

        // The entries of one transaction tell of the same grant in any order of their rows.
        foreach (var change in commit.Changes.Where(change => change is { Before: null, After: not null } && "LGRX".Contains(change.Key[0], StringComparison.Ordinal))) NotePromotions(change.After!);
        Spend.Apply(commit);
        Events += commit.Changes.Count(change => change.Key[0] == 'E');
        Moments.Add(new BalanceMoment(at, Balance));
    }

    private void Count(Row row, int sign)
    {
        var columns = row.Columns;
        switch (row.Key[0])
        {
            case 'H':
                HoldsSum.Add(columns, sign * columns.Integer("Quote"));
                foreach (var budget in HoldFact.From(columns).Budgets) SumOf(budget).Held += sign * columns.Integer("Quote");
                break;
            case 'L' when columns.Text("Type") is "Settle" or "Late":
                Charge(row, sign * columns.Integer("Amount"));
                break;
            case 'G':
                GrantedSum += sign * columns.Integer("Amount");
                break;
            case 'R':
                RefundedSum += (columns.Text("Type") == "Reversal" ? -sign : sign) * columns.Integer("Amount");
                break;
            case 'X':
                ExpiredSum += sign * columns.Integer("Amount");
                break;
            case 'P':
                PaidSum += sign * columns.Integer("Amount");
                break;
            case 'S':
                OrderCount += sign;
                break;
        }
    }

    private void Charge(Row entry, long amount)
    {
        var hour = entry.Columns.Integer("Hour");
        SettledSum.Add(entry.Columns, amount);
        (Hours.TryGetValue(hour, out var sums) ? sums : Hours[hour] = new()).Add(entry.Columns, amount);
        foreach (var budget in Holds[LedgerRows.IdOf(entry.Key)].Budgets) SumOf(budget).Settled += amount;
    }

    private BudgetSums SumOf(string budget) => BudgetsSum.TryGetValue(budget, out var sums) ? sums : BudgetsSum[budget] = new();

    private void NotePromotions(Row entry)
    {
        foreach (var (id, amount) in PromotionFact.Shares(entry.Columns, "FromExpiring")) Promotions[id].Taken += amount;
        if (entry.Key[0] == 'X') Promotions[LedgerRows.IdOf(entry.Key)].Expired += entry.Columns.Integer("Amount");
    }

    private void Remember(RowChange change, long at)
    {
        var id = LedgerRows.IdOf(change.Key);
        switch (change.Key[0])
        {
            case 'B':
                Balance = StoredBalance.From(change.After!.Columns);
                break;
            case 'H' when change.After is { } hold:
                OpenHolds.Add(id);
                Holds[id] = HoldFact.From(hold.Columns);
                break;
            case 'H':
                OpenHolds.Remove(id);
                break;
            case 'J' when change.After is { } job:
                Jobs[id] = job.Columns;
                if (job.Columns.Integer("IsAnswered") != 0) KnownJobs.Add(id);
                break;
            case 'J':
                Jobs.Remove(id);
                break;
            case 'O' when change.After is not null:
                Orders.Add(id);
                break;
            case 'O':
                Orders.Remove(id);
                break;
            case 'L':
                if (change.After!.Columns.Text("Type") == "Expire") Expired.Add(id);
                Entries[id] = EntryFact.From(change.After!.Columns, at);
                break;
            case 'G':
                Grants[id] = change.After!.Columns.Integer("Amount");
                if (change.After.Columns.Integer("ExpiresAt") is > 0 and var expiresAt) Promotions[id] = new PromotionFact(Grants[id], expiresAt);
                break;
            case 'R':
                Refunds[change.Key] = change.After!.Columns.Integer("Amount");
                break;
            case 'P':
                Payments[id] = change.After!.Columns.Integer("Amount");
                break;
            case 'K' or 'N':
                Budgets[change.Key] = change.After!.Columns;
                break;
            case 'D':
                Deletions.Add(id);
                break;
        }
    }
}

internal readonly record struct BalanceMoment(long At, StoredBalance Balance);

/// <summary>The row <c>B</c> as it is stored, without Core's own reading of it.</summary>
internal sealed record StoredBalance(Columns Columns)
{
    public static StoredBalance Empty { get; } = new(new Columns { { "Head", EntryChain.Start } });

    public long Granted => Columns.Integer("Granted");
    public long Refunded => Columns.Integer("Refunded");
    public long Expired => Columns.Integer("Expired");
    public IReadOnlyList<StoredGrant> Expiring { get; } = StoredGrant.Parse(Columns.Text("Expiring"));
    public long Held => Columns.Integer("Held");
    public long Settled => Columns.Integer("Settled");
    public long OwedHeld => Columns.Integer("OwedHeld");
    public long Owed => Columns.Integer("Owed");
    public long Paid => Columns.Integer("Paid");
    public long Open => Columns.Integer("Open");
    public long Sequence => Columns.Integer("Sequence");
    public string Head => Columns.Text("Head");
    public long Pace => Columns.Integer("PaceMicroseconds");
    public long KeyGeneration => Columns.Integer("KeyGeneration");
    public long Hour => Columns.Integer("Hour");
    public long Stops => Columns.Integer("Stops");
    public long Available => Math.Max(Free, 0);
    public long Debt => Math.Max(-Free, 0);
    public long AvailableCredit => Columns.Integer("Limit") - OwedHeld - Owed + Paid;

    public long Free => Granted - Refunded - Expired - Held - Settled;

    /// <summary>In the fuller pot, at a time in Unix milliseconds: what has expired by then has not always its entry.</summary>
    public long AvailableAt(long time) => Math.Max(Free - Expiring.Where(grant => grant.IsOver || grant.ExpiresAt <= time).Sum(grant => grant.Left), AvailableCredit);

    public static StoredBalance From(Columns columns) => new(columns);
}

/// <summary>A sum for each of the two pots.</summary>
internal sealed class PotSums
{
    public long Prepaid { get; private set; }
    public long Postpaid { get; private set; }

    public void Add(Columns row, long amount)
    {
        if (row.Text("Rail") == "Postpaid") Postpaid += amount;
        else Prepaid += amount;
    }
}

internal sealed class BudgetSums
{
    public long Held { get; set; }
    public long Settled { get; set; }
}

internal sealed record HoldFact(long Quote, string KeyHash, string Fingerprint, string Token, string KeyId, long Hour, IReadOnlyList<string> Budgets, IReadOnlyDictionary<string, long> Expiring, bool IsJob)
{
    public static HoldFact From(Columns columns) => new(
        columns.Integer("Quote"),
        columns.Text("KeyHash"),
        columns.Text("Fingerprint"),
        columns.Text("Token"),
        columns.Text("KeyId"),
        columns.Integer("Hour"),
        columns.Text("Budgets").Split(' ', StringSplitOptions.RemoveEmptyEntries),
        PromotionFact.Shares(columns, "Expiring"),
        columns.Integer("IsJob") != 0);
}

internal sealed record EntryFact(string Type, long Amount, long Quote, int Images, string Token, long CommittedAt)
{
    public bool IsSettled => Type is "Settle" or "Late";

    public static EntryFact From(Columns columns, long at) =>
        new(columns.Text("Type"), columns.Integer("Amount"), columns.Integer("Quote"), (int)columns.Integer("Images"), columns.Text("Token"), at);
}
