using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// A partition's balance, and those of its budgets that were asked for, as they were read or as our own transaction left them. Every change of a budget leads
/// with the balance: so as long as the balance is the stored version, the budgets are too.
/// </summary>
/// <param name="ETag">The version of the balance's row, or "" where there is none yet.</param>
/// <param name="ReadAt">The arrival number up to which operations were queued when it was read.</param>
/// <param name="Budgets">By row key; null where the row is known to be missing.</param>
internal sealed record KnownState(Balance Balance, string ETag, long ReadAt, IReadOnlyDictionary<string, KnownBudget?> Budgets)
{
    /// <summary>End users can be many; beyond this many, those that are not in use are forgotten.</summary>
    private const int BudgetsMax = 1_000;

    private static readonly Dictionary<string, KnownBudget?> None = [];

    public static KnownState From(Row? row, long readAt) => row is null ? new(Balance.Empty, "", readAt, None) : new(Balance.From(row.Columns), row.ETag, readAt, None);

    /// <summary>Reads those that are not known yet. While no budget is set, none is read.</summary>
    public async Task<KnownState> WithAsync(IEnumerable<string> keys, PartitionRows rows)
    {
        if (Balance.Budgets == 0) return this;
        var kept = Budgets.Count < BudgetsMax ? Budgets : None;
        var missing = keys.Distinct(StringComparer.Ordinal).Where(key => !kept.ContainsKey(key)).ToArray();
        if (missing.Length == 0) return this;

        var budgets = new Dictionary<string, KnownBudget?>(kept, StringComparer.Ordinal);
        foreach (var key in missing) budgets[key] = await rows.FindAsync(key) is { } row ? new KnownBudget(Budget.From(row), row.ETag) : null;
        return this with { Budgets = budgets };
    }
}

internal sealed record KnownBudget(Budget Budget, string ETag);
