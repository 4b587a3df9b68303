using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Simulation.World;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>What holds after every single transaction in an account's partition.</summary>
/// <param name="Check">What is wrong, or null.</param>
internal sealed record CommitInvariant(string Name, Func<CommitContext, string?> Check);

internal sealed record CommitContext(History History, SimulatedAccount Account, Commit Commit)
{
    public AccountBooks Books => Account.Books;

    public IEnumerable<RowChange> New(char kind) => Commit.Changes.Where(change => change.Key[0] == kind && change.Before is null);

    public IEnumerable<RowChange> Deleted(char kind) => Commit.Changes.Where(change => change.Key[0] == kind && change.After is null);
}

internal static class CommitInvariants
{
    /// <summary>Facts: rows that nobody changes or deletes once they are there.</summary>
    private const string Immutable = EntryKinds + "SDUE";

    private const string EntryKinds = "LGRPX";

    public static IReadOnlyList<CommitInvariant> All { get; } =
    [
        new("no more is held and spent than was granted", at => at.Books.Balance.Granted - at.Books.Balance.Expired - at.Books.Balance.Held - at.Books.Balance.Settled is < 0 and var left ? $"{left} is left." : null),
        new("only what is taken back makes debt", DebtIsOfRefunds),
        new("in debt nothing is held", DebtHoldsNothing),
        new("while it is stopped nothing is held", at => at.Books.Before.Stops != 0 && at.Books.Balance.Stops != 0 && at.New('H').FirstOrDefault() is { Key: { } key } ? $"{key} is." : null),
        new("no more is owed than the limit", at => at.Books.Balance.AvailableCredit < 0 ? $"{at.Books.Balance.AvailableCredit} of it is left." : null),
        new("held is the sum of the open holds, in each pot", at => Differ(at.Books.Balance.Held, at.Books.HoldsSum.Prepaid) ?? Differ(at.Books.Balance.OwedHeld, at.Books.HoldsSum.Postpaid)),
        new("open is the number of the open holds", at => Differ(at.Books.Balance.Open, at.Books.OpenCount)),
        new("no more requests are open than the plan allows", at => at.Books.OpenCount > at.Books.Plan.OpenRequestsMax ? $"{at.Books.OpenCount} are." : null),
        new("settled is the sum of the charges, in each pot", at => Differ(at.Books.Balance.Settled, at.Books.SettledSum.Prepaid) ?? Differ(at.Books.Balance.Owed, at.Books.SettledSum.Postpaid)),
        new("the usage of each hour is the sum of its charges", UsageIsWhole),
        new("what an hour takes of the postpaid pot waits for the collector", OwedHoursWait),
        new("a budget holds and has spent what its requests did, and no more than its limit", BudgetsAreKept),
        new("a revoked key makes no hold", RevokedKeysHoldNothing),
        new("a late charge is of a hold that expired, whose key is still its own", LateChargesAreTheirOwn),
        new("granted is the sum of the grants", at => Differ(at.Books.Balance.Granted, at.Books.GrantedSum)),
        new("refunded is the sum of the refunds, less those that were reversed", at => Differ(at.Books.Balance.Refunded, at.Books.RefundedSum)),
        new("paid is the sum of the payments", at => Differ(at.Books.Balance.Paid, at.Books.PaidSum)),
        new("the order of the entries has no gap", OrderIsGapless),
        new("the chain over the entries is whole", ChainIsWhole),
        new("an entry is never changed", EntriesStay),
        new("a hold closes once, with an entry", HoldsCloseWithEntries),
        new("a charge is at most its quote", ChargesAreWithinQuotes),
        new("what is charged is stored", ChargesAreStored),
        new("without a key only the process that made the hold charges it", KeylessChargesAreTheirOwn),
        new("every hold takes its part of the rate", HoldsTakeTheirRate),
        .. PromotionInvariants.All,
        .. JobInvariants.OfCommits,
        new("events are those that the entries imply, each once and with its cause", EventsAreImplied),
    ];

    private static string? OrderIsGapless(CommitContext at)
    {
        var entries = Entries(at).ToArray();
        var places = at.New('S').OrderBy(place => place.Key, StringComparer.Ordinal).ToArray();
        if (at.Books.Balance.Sequence != at.Books.OrderCount) return $"The sequence is {at.Books.Balance.Sequence}, and {at.Books.OrderCount} entries have a place.";
        if (places.Length != entries.Length) return $"{entries.Length} entries came with {places.Length} places.";
        return places.FirstOrDefault(place => !entries.Any(entry => IsAt(entry, place))) is { Key: { } lost } ? $"{lost} names no entry that came with it." : null;
    }

    private static bool IsAt(RowChange entry, RowChange place) =>
        place.After!.Columns.Text(LedgerRows.EntryColumn) == entry.Key && place.Key == LedgerRows.Order(entry.After!.Columns.Integer("Sequence"));

    private static string? ChainIsWhole(CommitContext at)
    {
        foreach (var entry in Entries(at).OrderBy(entry => entry.After!.Columns.Integer("Sequence")))
        {
            var columns = entry.After!.Columns;
            if (columns.Integer("Sequence") != ++at.Books.Sequence) return $"{entry.Key} has the number {columns.Integer("Sequence")} where {at.Books.Sequence} is due.";
            if (columns.Text(LedgerRows.PreviousColumn) != at.Books.Head) return $"{entry.Key} does not follow the head before it.";
            at.Books.Head = EntryChain.Next(at.Books.Head, entry.Key, columns);
        }

        return at.Books.Balance.Head == at.Books.Head ? null : "The balance has another head than its entries.";
    }

    private static string? EntriesStay(CommitContext at) =>
        at.Commit.Changes.FirstOrDefault(change => change.Before is not null && Immutable.Contains(change.Key[0], StringComparison.Ordinal)) is { Key: { } key } ? $"{key} was." : null;

    private static string? HoldsCloseWithEntries(CommitContext at)
    {
        var closed = at.Deleted('H').Select(change => LedgerRows.IdOf(change.Key)).Order(StringComparer.Ordinal);
        var entered = at.New('L').Where(change => change.After!.Columns.Text("Type") != "Late").Select(change => LedgerRows.IdOf(change.Key)).Order(StringComparer.Ordinal);
        if (!closed.SequenceEqual(entered)) return "The holds that were closed are not those that have an entry.";
        return at.New('H').FirstOrDefault(change => at.Books.Entries.ContainsKey(LedgerRows.IdOf(change.Key))) is { Key: { } again } ? $"{again} was closed before." : null;
    }

    private static string? ChargesAreWithinQuotes(CommitContext at)
    {
        foreach (var id in NewEntries(at))
        {
            var entry = at.Books.Entries[id];
            if (entry.Quote != at.Books.Holds[id].Quote) return $"{id} was held at {at.Books.Holds[id].Quote} and closed as if at {entry.Quote}.";
            if (entry.Amount < 0 || entry.Amount > entry.Quote) return $"{id} is charged {entry.Amount} of {entry.Quote}.";
            if (entry.Amount != 0 && !entry.IsSettled) return $"{id} is a {entry.Type} of {entry.Amount}.";
        }

        return null;
    }

    private static string? ChargesAreStored(CommitContext at) =>
        NewSettlements(at).FirstOrDefault(id => at.History.StoredResult(at.Account, id) is null) is { } missing ? $"Nothing is stored for {missing}." : null;

    private static string? KeylessChargesAreTheirOwn(CommitContext at)
    {
        foreach (var id in NewSettlements(at))
        {
            var hold = at.Books.Holds[id];
            var (holder, charger) = (SeededEntropy.ProcessOf(hold.Token), SeededEntropy.ProcessOf(at.Books.Entries[id].Token));
            if (hold.KeyHash.Length == 0 && !at.Books.KnownJobs.Contains(id) && holder != charger) return $"{id} was held by instance {holder} and charged by instance {charger}.";
        }

        return null;
    }

    private static string? HoldsTakeTheirRate(CommitContext at)
    {
        var holds = at.New('H').Count();
        if (holds == 0) return null;

        var interval = TimeSpan.MicrosecondsPerMinute / at.Books.Plan.RequestsPerMinute;
        var (before, after) = (at.Books.Before.Pace, at.Books.Balance.Pace);
        if (after < before + (holds * interval)) return $"{holds} holds moved it from {before} to {after}.";

        // Times of holds are in milliseconds.
        var last = at.New('H').Max(hold => hold.After!.Columns.Integer("HeldAt") + 1) * 1_000;
        return after - last > interval * at.Books.Plan.Burst ? $"The burst of {at.Books.Plan.Burst} is exceeded by {after - last - (interval * at.Books.Plan.Burst)} µs." : null;
    }

    /// <summary>The hour that lasts is in the balance, and every one before it in a row of its own.</summary>
    private static string? UsageIsWhole(CommitContext at)
    {
        if (at.Books.Balance.Hour < at.Books.Before.Hour) return $"The hour went back from {at.Books.Before.Hour} to {at.Books.Balance.Hour}.";
        if (Hour(at.Books.Balance.Columns, "HourPrepaid", "HourPostpaid") != SumsOf(at, at.Books.Balance.Hour)) return "The balance has another sum for the hour that lasts.";
        foreach (var closed in at.New('U'))
        {
            var hour = new LedgerHour(at.Books.Before.Hour);
            if (closed.Key != LedgerRows.Usage(hour)) return $"{closed.Key} was written when {hour} ended.";
            if (Hour(closed.After!.Columns, "Prepaid", "Postpaid") != SumsOf(at, hour.Number)) return $"{closed.Key} has another sum than its charges.";
        }

        var hasEnded = at.Books.Balance.Hour > at.Books.Before.Hour && SumsOf(at, at.Books.Before.Hour) != (0, 0);
        return hasEnded && !at.New('U').Any() ? "An hour with charges ended without its row." : null;

        static (long, long) Hour(Columns columns, string prepaid, string postpaid) => (columns.Integer(prepaid), columns.Integer(postpaid));
        static (long, long) SumsOf(CommitContext at, long hour) => at.Books.Hours.TryGetValue(hour, out var sums) ? (sums.Prepaid, sums.Postpaid) : (0, 0);
    }

    private static string? OwedHoursWait(CommitContext at)
    {
        var owed = at.New('U').Where(hour => hour.After!.Columns.Integer("Postpaid") > 0).Select(hour => (LedgerRows.IdOf(hour.Key), hour.After!.Columns.Integer("Postpaid")));
        return owed.SequenceEqual(at.New('F').Select(hour => (LedgerRows.IdOf(hour.Key), hour.After!.Columns.Integer("Value")))) ? null : "An hour was closed with another sum than it is to be invoiced with.";
    }

    private static string? EventsAreImplied(CommitContext at)
    {
        var told = at.New('E').ToArray();
        if (at.Books.Balance.Columns.Integer("Events") != at.Books.Events) return $"The balance counts {at.Books.Balance.Columns.Integer("Events")} of {at.Books.Events}.";
        if (told.Index().FirstOrDefault(row => row.Item.Key != LedgerRows.Event(at.Books.Events - told.Length + row.Index + 1)) is { Item.Key: { } gap }) return $"{gap} is out of order.";
        var (words, due) = (string.Join("; ", told.Select(row => SpendOracle.Words(row.After!.Columns)).Where(words => words.Length > 0)), string.Join("; ", at.Books.Spend.Due));
        return words == due ? null : $"Told is '{words}', due is '{due}'.";
    }

    private static string? BudgetsAreKept(CommitContext at)
    {
        foreach (var (key, budget) in at.Books.Budgets)
        {
            var sums = at.Books.BudgetsSum.GetValueOrDefault(key) ?? new BudgetSums();
            if ((Differ(budget.Integer("TotalHeld"), sums.Held) ?? Differ(budget.Integer("TotalSettled"), sums.Settled)) is { } wrong) return $"{key}: {wrong}";
            foreach (var window in new[] { "Total", "Day", "Month" })
            {
                var (limit, used) = (budget.Integer(window + "Limit"), budget.Integer(window + "Held") + budget.Integer(window + "Settled"));
                if (limit >= 0 && used > limit) return $"{key}: {used} of {limit} is used in its {window}.";
            }
        }

        return at.New('H').FirstOrDefault(hold => !NamesItsBudgets(at, hold)) is { Key: { } free } ? $"{free} is held in no budget, and one is set for it." : null;
    }

    private static bool NamesItsBudgets(CommitContext at, RowChange hold)
    {
        var columns = hold.After!.Columns;
        string[] keys = columns.Text("EndUser").Length == 0 ? [LedgerRows.KeyBudget(columns.Text("KeyId"))] : [LedgerRows.KeyBudget(columns.Text("KeyId")), LedgerRows.EndUserBudget(columns.Text("EndUser"))];

        // One that was set in this very transaction may have come after the hold.
        return keys.Where(key => at.Books.Budgets.ContainsKey(key) && !at.Commit.Changes.Any(change => change.Key == key && change.Before is null)).All(HoldFact.From(columns).Budgets.Contains);
    }

    private static string? RevokedKeysHoldNothing(CommitContext at)
    {
        var held = at.New('H').FirstOrDefault(hold => at.Books.RevokedKeys.Contains(hold.After!.Columns.Text("KeyId")));
        if (at.Books.Balance.KeyGeneration > at.Books.Before.KeyGeneration) at.Books.RevokedKeys.UnionWith(at.Books.KeysBeingRevoked);
        return held.Key is { } key ? $"{key} is held for one." : null;
    }

    private static string? LateChargesAreTheirOwn(CommitContext at)
    {
        foreach (var late in at.New('L').Where(change => change.After!.Columns.Text("Type") == "Late"))
        {
            var id = LedgerRows.IdOf(late.Key);
            if (!at.Books.Expired.Contains(id)) return $"{id} did not expire.";
            if (at.Books.Holds[id].KeyHash is not { Length: > 0 } hash) continue;
            var record = at.Commit.Changes.FirstOrDefault(change => change.Key == LedgerRows.Idempotency(hash));
            if (record.Before?.Columns.Text("RequestId") != id) return $"The key of {id} is another's by now.";
        }

        return null;
    }

    private static string? DebtIsOfRefunds(CommitContext at)
    {
        var takenBack = at.New('R').Where(entry => entry.After!.Columns.Text("Type") != "Reversal").Sum(entry => entry.After!.Columns.Integer("Amount"));
        return at.Books.Balance.Debt > at.Books.Before.Debt + takenBack ? $"It was {at.Books.Before.Debt}, {takenBack} was taken back, and it is {at.Books.Balance.Debt}." : null;
    }

    /// <summary>Unless something came in that paid the debt for a moment.</summary>
    private static string? DebtHoldsNothing(CommitContext at)
    {
        var cameIn = at.New('G').Any() || at.Deleted('H').Any() || at.New('R').Any(entry => entry.After!.Columns.Text("Type") == "Reversal");
        return at.Books.Before.Debt > 0 && !cameIn && at.New('H').FirstOrDefault() is { Key: { } key } ? $"{key} is, with a debt of {at.Books.Before.Debt}." : null;
    }

    private static IEnumerable<RowChange> Entries(CommitContext at) => EntryKinds.SelectMany(at.New);

    private static IEnumerable<string> NewEntries(CommitContext at) => at.New('L').Select(change => LedgerRows.IdOf(change.Key));

    private static IEnumerable<string> NewSettlements(CommitContext at) => NewEntries(at).Where(id => at.Books.Entries[id].IsSettled);

    private static string? Differ(long stored, long sum) => stored == sum ? null : $"It is {stored}, and they are {sum}.";
}
