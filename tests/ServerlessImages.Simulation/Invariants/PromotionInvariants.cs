using ServerlessImages.Ledger;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>What holds of credit that expires, after every single transaction.</summary>
internal static class PromotionInvariants
{
    public static IReadOnlyList<CommitInvariant> All { get; } =
    [
        new("expired is the sum of what expired", at => at.Books.Balance.Expired == at.Books.ExpiredSum ? null : $"It is {at.Books.Balance.Expired}, and they are {at.Books.ExpiredSum}."),
        new("of a grant that expires is left what its entries say", LeftIsWhatEntriesSay),
        new("what expires is there: it is neither spent, held nor owed", at => at.Books.Balance.Expiring.Sum(grant => grant.Left) is > 0 and var left && left > at.Books.Balance.Free ? $"{left} expires, and {at.Books.Balance.Free} is there." : null),
        new("a grant expires once, after its time, and with nothing of it held", GrantsExpireInTime),
        new("no hold is made on expired money", HoldsTakeWhatLasts),
        new("what expires first is held first", EarliestIsHeldFirst),
        new("a charge takes what its hold set aside of expiring credit", ChargesTakeTheirShares),
    ];

    private static string? LeftIsWhatEntriesSay(CommitContext at)
    {
        var stored = at.Books.Balance.Expiring.ToDictionary(grant => grant.GrantId, grant => grant.Left + grant.Held);
        var held = at.Books.OpenHolds.SelectMany(id => at.Books.Holds[id].Expiring).GroupBy(share => share.Key).ToDictionary(grant => grant.Key, grant => grant.Sum(share => share.Value));
        foreach (var (id, promotion) in at.Books.Promotions)
        {
            if (promotion.Left < 0 || stored.GetValueOrDefault(id) != promotion.Left) return $"{id}: {promotion.Left} is left by its entries, {stored.GetValueOrDefault(id)} by the balance.";
        }

        return at.Books.Balance.Expiring.FirstOrDefault(grant => grant.Held != held.GetValueOrDefault(grant.GrantId)) is { } wrong ? $"{wrong.GrantId}: {wrong.Held} is held by the balance, {held.GetValueOrDefault(wrong.GrantId)} by its holds." : null;
    }

    private static string? GrantsExpireInTime(CommitContext at)
    {
        foreach (var expiry in at.New('X'))
        {
            var id = LedgerRows.IdOf(expiry.Key);
            var promotion = at.Books.Promotions[id];
            if (promotion.Left != 0) return $"{promotion.Left} of {id} did not expire with the rest.";

            // The clock that was ahead says when it is over, and one that is behind may write it down.
            if (expiry.After!.Columns.Integer("At") + (2 * at.History.Plan.SkewMax.TotalMilliseconds) < promotion.ExpiresAt) return $"{id} expired before its time.";
            if (at.Books.OpenHolds.FirstOrDefault(hold => at.Books.Holds[hold].Expiring.ContainsKey(id)) is { } open) return $"{id} expired while {open} held some of it.";
        }

        return null;
    }

    private static string? HoldsTakeWhatLasts(CommitContext at)
    {
        foreach (var hold in at.New('H'))
        {
            var shares = at.Books.Holds[LedgerRows.IdOf(hold.Key)].Expiring;
            if (shares.Values.Sum() > hold.After!.Columns.Integer("Quote")) return $"{hold.Key} took more than its quote.";
            if (shares.Keys.FirstOrDefault(id => at.Books.Promotions[id].ExpiresAt <= hold.After!.Columns.Integer("HeldAt")) is { } over) return $"{hold.Key} took of {over}, which was over.";
        }

        return null;
    }

    /// <summary>Looked at where nothing else happened in the transaction, and so nothing came back beside it.</summary>
    private static string? EarliestIsHeldFirst(CommitContext at)
    {
        if (at.Commit.Changes.Any(change => change.Key[0] is 'L' or 'G' or 'R' or 'X') || at.New('H').ToArray() is not [var hold] || hold.After!.Columns.Text("Rail") != "Prepaid") return null;
        var shares = at.Books.Holds[LedgerRows.IdOf(hold.Key)].Expiring;
        var isWhole = shares.Values.Sum() == hold.After.Columns.Integer("Quote");
        var last = isWhole ? shares.Keys.Max(id => at.Books.Promotions[id].ExpiresAt) : long.MaxValue;
        return at.Books.Balance.Expiring.FirstOrDefault(grant => !grant.IsOver && grant.Left > 0 && grant.ExpiresAt < last) is { } passedOver ? $"{hold.Key} left {passedOver.Left} of {passedOver.GrantId}." : null;
    }

    /// <summary>And more only where a debt takes it.</summary>
    private static string? ChargesTakeTheirShares(CommitContext at)
    {
        foreach (var entry in at.New('L').Where(entry => entry.After!.Columns.Text("Type") == "Settle"))
        {
            var due = Math.Min(entry.After!.Columns.Integer("Amount"), at.Books.Holds[LedgerRows.IdOf(entry.Key)].Expiring.Values.Sum());
            var taken = PromotionFact.Shares(entry.After.Columns, "FromExpiring").Values.Sum();
            if (taken < due || (taken > due && at.Books.RefundedSum == 0)) return $"{entry.Key} took {taken} of expiring credit, and {due} was its own.";
        }

        return null;
    }
}
