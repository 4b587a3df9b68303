using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>What holds of an account when all callers are done, faults have stopped, and sweepers have run.</summary>
/// <param name="Check">What is wrong, or null.</param>
internal sealed record RestInvariant(string Name, Func<RestContext, string?> Check);

internal sealed record RestContext(History History, SimulatedAccount Account)
{
    public AccountBooks Books => Account.Books;

    public IEnumerable<string> Settled => Books.Entries.Where(entry => entry.Value.IsSettled).Select(entry => entry.Key);

    public IEnumerable<Attempt> Attempts => Account.Requests.SelectMany(request => request.Attempts);
}

internal static class RestInvariants
{
    /// <summary>A sweeper reads whether a result is stored, and writes its entry at most this much later: 60 s of patience, and slow answers around them.</summary>
    private static readonly TimeSpan SweepMax = TimeSpan.FromSeconds(100);

    public static IReadOnlyList<RestInvariant> All { get; } =
    [
        new("no hold is left", at => at.Books.OpenHolds.Count > 0 ? string.Join(", ", at.Books.OpenHolds) : null),
        new("what came in is what was spent, taken back, expired and is available", at => at.Books.GrantedSum - at.Books.RefundedSum - at.Books.ExpiredSum == at.Books.SettledSum.Prepaid + at.Books.Balance.Available - at.Books.Balance.Debt ? null : $"{at.Books.GrantedSum} came in, {at.Books.RefundedSum} was taken back, {at.Books.ExpiredSum} expired, {at.Books.SettledSum.Prepaid} was spent, {at.Books.Balance.Available} is available, {at.Books.Balance.Debt} is missing."),
        new("what is over has expired", OverHasExpired),
        new("every refund counts once", RefundsCountOnce),
        new("every invoice is paid once", InvoicesArePaidOnce),
        new("every grant counts once", GrantsCountOnce),
        new("a key is charged once", KeysAreChargedOnce),
        new("without a key no call is charged twice", CallsAreChargedOnce),
        new("what was refused is not charged", RefusalsAreFree),
        new("what is charged can be fetched", ChargesCanBeFetched),
        new("under a key, what is stored is charged and not expired", StoredIsNotExpired),
        new("only what its caller gave up is adopted", AdoptedWasGivenUp),
        new("a lost answer leaves no orphan", LostAnswersLeaveNothing),
        .. JobInvariants.AtRest,
        new("in calm weather what an SDK sends again is charged once", ResendsAreChargedOnce),
    ];

    /// <summary>As far as the clock that is behind can know: the sweepers ran in the last two minutes.</summary>
    private static string? OverHasExpired(RestContext at)
    {
        var over = (VirtualClock.Start + at.History.Scheduler.Elapsed - at.History.Plan.SkewMax - TimeSpan.FromMinutes(2)).ToUnixTimeMilliseconds();
        return at.Books.Balance.Expiring.FirstOrDefault(grant => grant.ExpiresAt <= over) is { } left ? $"{left.Left} is left of {left.GrantId}." : null;
    }

    private static string? GrantsCountOnce(RestContext at)
    {
        if (at.Books.Grants.Keys.FirstOrDefault(id => !at.Account.Grants.ContainsKey(id)) is { } unknown) return $"Nobody announced {unknown}.";
        foreach (var (id, grant) in at.Account.Grants)
        {
            if (grant.IsConfirmed && at.Books.Grants.GetValueOrDefault(id) != grant.Amount.Micros) return $"{id} of {grant.Amount.Micros} is there as {at.Books.Grants.GetValueOrDefault(id)}.";
        }

        return null;
    }

    private static string? RefundsCountOnce(RestContext at)
    {
        var announced = at.Account.Plan.Refunds.ToDictionary(refund => LedgerRows.Refund(refund.Id), refund => refund.Amount.Micros);
        foreach (var (key, amount) in at.Books.Refunds)
        {
            var refund = key.EndsWith("~back", StringComparison.Ordinal) ? key[..^"~back".Length] : key;
            if (announced.GetValueOrDefault(refund) != amount) return $"{key} of {amount} was announced as {announced.GetValueOrDefault(refund)}.";
        }

        return announced.Keys.FirstOrDefault(key => at.Account.Done.Contains(LedgerRows.IdOf(key)) && !at.Books.Refunds.ContainsKey(key)) is { } lost ? $"{lost} was confirmed and is not there." : null;
    }

    private static string? InvoicesArePaidOnce(RestContext at)
    {
        foreach (var (number, amount) in at.Account.Plan.Invoices.Index())
        {
            var (id, paid) = ($"invoice_{number}", at.Books.Payments.GetValueOrDefault($"invoice_{number}"));
            if (paid != amount.Micros && (paid != 0 || at.Account.Done.Contains(id))) return $"{id} of {amount.Micros} is paid with {paid}.";
        }

        return at.Books.Payments.Count > at.Account.Plan.Invoices.Count ? "One is paid that nobody paid." : null;
    }

    private static string? KeysAreChargedOnce(RestContext at)
    {
        var charged = at.Settled.Select(id => at.Books.Holds[id].KeyHash).Where(hash => hash.Length > 0);
        return charged.GroupBy(hash => hash).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"The key of hash {twice.Key[..8]} is charged {twice.Count()} times." : null;
    }

    /// <summary>Each call brings at most one charge; one that was refused, or that adopted another's images, brings none.</summary>
    private static string? CallsAreChargedOnce(RestContext at)
    {
        foreach (var request in at.Account.Requests.Where(request => request.Key is null))
        {
            var charges = at.Settled.Count(id => at.Books.Holds[id].Fingerprint == request.Fingerprint && at.Books.Holds[id].KeyHash.Length == 0);
            var free = request.Attempts.Count(attempt => IsFree(attempt) || IsAdoption(attempt));
            if (charges > request.Attempts.Count - free) return $"{request} was sent {request.Attempts.Count} times, {free} of them for free, and is charged {charges} times.";
        }

        return null;
    }

    private static string? RefusalsAreFree(RestContext at) =>
        at.Attempts.Where(IsFree).SelectMany(attempt => attempt.Holds).FirstOrDefault(id => at.Books.Entries.TryGetValue(id, out var entry) && entry.IsSettled) is { } charged ? $"{charged} was answered with an error and is charged." : null;

    private static string? ChargesCanBeFetched(RestContext at)
    {
        foreach (var id in at.Settled.Where(id => !at.Books.Deletions.Contains(id)))
        {
            if (at.History.StoredResult(at.Account, id) is not { } result) return $"The result of {id} is not there.";
            if (result.Charge.Micros != at.Books.Entries[id].Amount) return $"{id} is stored as {result.Charge.Micros} and charged {at.Books.Entries[id].Amount}.";
            for (var index = 0; index < result.Images.Count; index++)
            {
                if (at.History.StoredImage(at.Account, id, index, result.Attempt) is not { } image || StoredImage.Of(image) != result.Images[index]) return $"Image {index} of {id} is not there, or is another.";
            }
        }

        return null;
    }

    private static string? StoredIsNotExpired(RestContext at)
    {
        foreach (var (id, entry) in at.Books.Entries.Where(each => each.Value.Type == "Expire" && at.Books.Holds[each.Key].KeyHash.Length > 0))
        {
            if (at.History.StoredAt(at.Account, id) < entry.CommittedAt - (SweepMax.Ticks / TimeSpan.TicksPerMicrosecond)) return $"{id} was stored long before it expired.";
        }

        return null;
    }

    private static string? AdoptedWasGivenUp(RestContext at)
    {
        foreach (var adoption in at.Attempts.Where(attempt => IsAdoption(attempt) && attempt.Request.Key is null))
        {
            var id = adoption.Answer!.TryGet(out var generation, out _) ? generation.RequestId : "";
            if (at.Attempts.FirstOrDefault(attempt => attempt.Holds.Contains(id) && attempt.Delivered is not null) is { } owner) return $"{id} was delivered to its own caller, {owner.Request}, and to another.";
        }

        return null;
    }

    /// <summary>Whoever wrote a row and was not told finds it again: so where nothing but answers is lost, no hold is left to expire.</summary>
    private static string? LostAnswersLeaveNothing(RestContext at) =>
        at.History.Plan.LosesOnlyAnswers && at.Books.Entries.FirstOrDefault(entry => entry.Value.Type == "Expire" && !at.Books.Holds[entry.Key].IsJob) is { Key: { } orphan } ? $"{orphan} expired." : null;

    /// <summary>Sent again in time, and only after the instance knew that its caller had gone.</summary>
    private static string? ResendsAreChargedOnce(RestContext at)
    {
        if (!at.History.Plan.IsCalm) return null;
        foreach (var request in at.Account.Requests.Where(request => request.IsResend && request.Attempts.SkipLast(1).All(attempt => attempt is { WasWritten: false, IsHeldTooLate: false })))
        {
            var charges = at.Settled.Count(id => at.Books.Holds[id].Fingerprint == request.Fingerprint);
            if (charges > 1) return $"{request} is charged {charges} times.";
        }

        return null;
    }

    /// <summary>Every error but one says that nothing is charged.</summary>
    private static bool IsFree(Attempt attempt) => attempt.Request.Key is null && attempt.Error is { Code: not "still_generating" };

    private static bool IsAdoption(Attempt attempt) => attempt.Answer is { } answer && answer.TryGet(out var generation, out _) && !attempt.Holds.Contains(generation.RequestId);
}
