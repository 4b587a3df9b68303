using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Simulation.World;

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
    private const string Immutable = "LGSD";

    public static IReadOnlyList<CommitInvariant> All { get; } =
    [
        new("available is never below zero", at => at.Books.Balance.Available < 0 ? $"It is {at.Books.Balance.Available}." : null),
        new("held is the sum of the open holds", at => Differ(at.Books.Balance.Held, at.Books.HoldsSum)),
        new("open is the number of the open holds", at => Differ(at.Books.Balance.Open, at.Books.OpenHolds.Count)),
        new("no more requests are open than the plan allows", at => at.Books.OpenHolds.Count > at.Books.Plan.OpenRequestsMax ? $"{at.Books.OpenHolds.Count} are." : null),
        new("settled is the sum of the charges", at => Differ(at.Books.Balance.Settled, at.Books.SettledSum)),
        new("granted is the sum of the grants", at => Differ(at.Books.Balance.Granted, at.Books.GrantedSum)),
        new("the order of the entries has no gap", OrderIsGapless),
        new("the chain over the entries is whole", ChainIsWhole),
        new("an entry is never changed", EntriesStay),
        new("a hold closes once, with an entry", HoldsCloseWithEntries),
        new("a charge is at most its quote", ChargesAreWithinQuotes),
        new("what is charged is stored", ChargesAreStored),
        new("without a key only the process that made the hold charges it", KeylessChargesAreTheirOwn),
        new("every hold takes its part of the rate", HoldsTakeTheirRate),
    ];

    private static string? OrderIsGapless(CommitContext at)
    {
        var entries = at.New('L').Concat(at.New('G')).ToArray();
        var places = at.New('S').OrderBy(place => place.Key, StringComparer.Ordinal).ToArray();
        if (at.Books.Balance.Sequence != at.Books.OrderCount) return $"The sequence is {at.Books.Balance.Sequence}, and {at.Books.OrderCount} entries have a place.";
        if (places.Length != entries.Length) return $"{entries.Length} entries came with {places.Length} places.";
        return places.FirstOrDefault(place => !entries.Any(entry => IsAt(entry, place))) is { Key: { } lost } ? $"{lost} names no entry that came with it." : null;
    }

    private static bool IsAt(RowChange entry, RowChange place) =>
        place.After!.Columns.Text(LedgerRows.EntryColumn) == entry.Key && place.Key == LedgerRows.Order(entry.After!.Columns.Integer("Sequence"));

    private static string? ChainIsWhole(CommitContext at)
    {
        foreach (var entry in at.New('L').Concat(at.New('G')).OrderBy(entry => entry.After!.Columns.Integer("Sequence")))
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
        var entered = at.New('L').Select(change => LedgerRows.IdOf(change.Key)).Order(StringComparer.Ordinal);
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
            if (hold.KeyHash.Length == 0 && holder != charger) return $"{id} was held by instance {holder} and charged by instance {charger}.";
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

    private static IEnumerable<string> NewEntries(CommitContext at) => at.New('L').Select(change => LedgerRows.IdOf(change.Key));

    private static IEnumerable<string> NewSettlements(CommitContext at) => NewEntries(at).Where(id => at.Books.Entries[id].IsSettled);

    private static string? Differ(long stored, long sum) => stored == sum ? null : $"It is {stored}, and they are {sum}.";
}
