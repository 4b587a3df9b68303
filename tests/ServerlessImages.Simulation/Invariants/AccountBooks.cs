using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>What the rows of one ledger partition add up to, kept beside the store and changed with each of its rows. It shares no sum with Core.</summary>
internal sealed class AccountBooks(Plan plan)
{
    public Plan Plan => plan;

    /// <summary>The row <c>B</c> after the last commit.</summary>
    public StoredBalance Balance { get; private set; } = new(0, 0, 0, 0, 0, EntryChain.Start, 0);

    public StoredBalance Before { get; private set; } = new(0, 0, 0, 0, 0, EntryChain.Start, 0);

    public long HoldsSum { get; private set; }
    public long SettledSum { get; private set; }
    public long GrantedSum { get; private set; }
    public int OrderCount { get; private set; }

    public HashSet<string> OpenHolds { get; } = [];

    /// <summary>Every hold that ever was.</summary>
    public Dictionary<string, HoldFact> Holds { get; } = [];

    /// <summary>Every entry of a request, by its id.</summary>
    public Dictionary<string, EntryFact> Entries { get; } = [];

    /// <summary>Every grant, by its id.</summary>
    public Dictionary<string, long> Grants { get; } = [];

    /// <summary>Requests whose images were deleted on purpose.</summary>
    public HashSet<string> Deletions { get; } = [];

    /// <summary>What was available and open after each commit, oldest first.</summary>
    public List<BalanceMoment> Moments { get; } = [new(0, 0, 0)];

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

        Moments.Add(new BalanceMoment(at, Balance.Available, Balance.Open));
    }

    private void Count(Row row, int sign)
    {
        var columns = row.Columns;
        switch (row.Key[0])
        {
            case 'H':
                HoldsSum += sign * columns.Integer("Quote");
                break;
            case 'L' when columns.Text("Type") == "Settle":
                SettledSum += sign * columns.Integer("Amount");
                break;
            case 'G':
                GrantedSum += sign * columns.Integer("Amount");
                break;
            case 'S':
                OrderCount += sign;
                break;
        }
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
            case 'L':
                Entries[id] = EntryFact.From(change.After!.Columns, at);
                break;
            case 'G':
                Grants[id] = change.After!.Columns.Integer("Amount");
                break;
            case 'D':
                Deletions.Add(id);
                break;
        }
    }
}

internal readonly record struct BalanceMoment(long At, long Available, long Open);

/// <summary>The row <c>B</c> as it is stored, without Core's own reading of it.</summary>
internal sealed record StoredBalance(long Granted, long Held, long Settled, long Open, long Sequence, string Head, long Pace)
{
    public long Available => Granted - Held - Settled;

    public static StoredBalance From(Columns columns) => new(
        columns.Integer("Granted"),
        columns.Integer("Held"),
        columns.Integer("Settled"),
        columns.Integer("Open"),
        columns.Integer("Sequence"),
        columns.Text("Head"),
        columns.Integer("PaceMicroseconds"));
}

internal sealed record HoldFact(long Quote, string KeyHash, string Fingerprint, string Token)
{
    public static HoldFact From(Columns columns) => new(columns.Integer("Quote"), columns.Text("KeyHash"), columns.Text("Fingerprint"), columns.Text("Token"));
}

internal sealed record EntryFact(string Type, long Amount, long Quote, int Images, string Token, long CommittedAt)
{
    public bool IsSettled => Type == "Settle";

    public static EntryFact From(Columns columns, long at) =>
        new(columns.Text("Type"), columns.Integer("Amount"), columns.Integer("Quote"), (int)columns.Integer("Images"), columns.Text("Token"), at);
}
