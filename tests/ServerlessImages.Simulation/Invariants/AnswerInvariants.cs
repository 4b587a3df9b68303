using System.Globalization;
using ServerlessImages.Images;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>What holds of every answer at the moment at which an instance writes it.</summary>
/// <param name="Check">What is wrong, or null.</param>
internal sealed record AnswerInvariant(string Name, Func<AnswerContext, string?> Check);

internal sealed record AnswerContext(History History, Attempt Attempt, Generation? Images, ApiError? Error)
{
    public SimulatedAccount Account => Attempt.Request.Account;

    public AccountBooks Books => Account.Books;

    /// <summary>What the balance said at any time since the call was sent.</summary>
    public IEnumerable<BalanceMoment> MomentsSinceSent()
    {
        for (var index = Books.Moments.Count - 1; index >= 0; index--)
        {
            yield return Books.Moments[index];
            if (Books.Moments[index].At < Attempt.SentAt) break;
        }
    }
}

internal static class AnswerInvariants
{
    public static IReadOnlyList<AnswerInvariant> All { get; } =
    [
        new("images are charged before they are delivered", ImagesAreCharged),
        new("the images are those that were asked for", ImagesAreThose),
        new("a key has one answer", KeysHaveOneAnswer),
        new("nothing is refused for want of money that was there", MoneyWasShort),
        new("nothing is refused for a stop that was not there", at => at.Error is { Code: "account_paused" } && !at.MomentsSinceSent().Any(moment => moment.Balance.Stops > 0) ? "There was none." : null),
        new("nothing is refused for a debt that was not there", at => at.Error is { Code: "account_in_debt" } && !at.MomentsSinceSent().Any(moment => moment.Balance.Debt > 0) ? "There was none." : null),
        new("nothing is refused for want of room that was there", RoomWasShort),
        new("a settlement fails only for want of the store", SettlementsFailForTheStore),
        new("in calm weather nothing fails on our side", CalmIsCalm),
    ];

    /// <summary>A 200 stands for exactly one entry with the amount that the caller is told.</summary>
    private static string? ImagesAreCharged(AnswerContext at)
    {
        if (at.Images is not { } images) return null;
        if (!at.Books.Entries.TryGetValue(images.RequestId, out var entry) || !entry.IsSettled) return $"{images.RequestId} is delivered and not charged.";
        return entry.Amount == images.Result.Charge.Micros ? null : $"{images.RequestId} is told as {images.Result.Charge.Micros} and charged {entry.Amount}.";
    }

    private static string? ImagesAreThose(AnswerContext at)
    {
        if (at.Images is not { } images) return null;
        var request = at.Attempt.Request.Order.Request;
        if (images.Images.Count is 0 || images.Images.Count > request.Count) return $"{images.Images.Count} images came for {request.Count}.";
        if (images.Images.Count != at.Books.Entries[images.RequestId].Images) return $"{images.Images.Count} images came, and {at.Books.Entries[images.RequestId].Images} are charged.";
        var isWhole = images.Images.All(image => ImageHeader.TryRead(image.Span, out var header) && header.Size == (request.Size ?? header.Size));
        if (!isWhole) return $"{images.RequestId} brought an image that is broken, or of another size.";
        return at.Books.Holds[images.RequestId].Fingerprint == at.Attempt.Request.Fingerprint ? null : $"{at.Attempt.Request} was answered with the images of {images.RequestId}, which is another request.";
    }

    private static string? KeysHaveOneAnswer(AnswerContext at)
    {
        if (at.Images is not { } images || at.Attempt.Request.Key is not { } key) return null;
        var first = at.Account.Requests.Where(request => request.Key == key).SelectMany(request => request.Attempts).Select(attempt => attempt.Answer).OfType<Result<Generation>>()
            .Select(answer => answer.TryGet(out var generation, out _) ? generation : null).FirstOrDefault(generation => generation is not null);
        return first is null || (first.RequestId == images.RequestId && first.Result.Images.SequenceEqual(images.Result.Images)) ? null : $"It answered with {first.RequestId}, and then with {images.RequestId}.";
    }

    private static string? MoneyWasShort(AnswerContext at)
    {
        if (at.Error is not { Code: "insufficient_balance" } error) return null;
        var quote = (long)(decimal.Parse(error.Details["quote_usd"], CultureInfo.InvariantCulture) * Money.MicrosPerDollar);
        var now = (VirtualClock.Start + at.History.Scheduler.Elapsed + at.History.Plan.SkewMax).ToUnixTimeMilliseconds();
        return at.MomentsSinceSent().Any(moment => moment.Balance.AvailableAt(now) < quote) ? null : $"{quote} was available all the time.";
    }

    private static string? RoomWasShort(AnswerContext at) =>
        at.Error is { Code: "too_many_open_requests" } && !at.MomentsSinceSent().Any(moment => moment.Balance.Open >= at.Books.Plan.OpenRequestsMax) ? "Fewer were open all the time." : null;

    private static string? SettlementsFailForTheStore(AnswerContext at) =>
        at.Error is { Code: "still_generating", Cause: { } cause } && !Faults.IsSimulated(cause) ? cause : null;

    private static string? CalmIsCalm(AnswerContext at) =>
        at.History.Plan.IsCalm && !at.Attempt.HungUp.IsCancellationRequested && at.Error is { Code: "ledger_unavailable" or "storage_unavailable" or "hold_expired" or "account_too_busy" or "rate_limit_exceeded" } error
            ? $"{at.Attempt.Request} was told {error.Code}."
            : null;
}
