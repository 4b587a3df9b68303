namespace ServerlessImages.Billing;

/// <summary>
/// Looks an account's own checkout up for whoever comes back from it, and brings its credit, should no announcement have done so: whoever asks right after paying
/// finds it there.
/// </summary>
public sealed class FindCheckout(IPaymentCollector collector, CreditCheckout credit)
{
    /// <param name="id">From outside.</param>
    /// <returns>Or <c>checkout_not_found</c>, also for another account's.</returns>
    /// <exception cref="CollectorUnavailableException">It is not known; the sweep brings its credit.</exception>
    public async Task<Result<FoundCheckout>> RunAsync(string accountId, string id, CancellationToken cancel)
    {
        var found = CollectorId.IsOne(id) ? await collector.FindCheckoutAsync(id, cancel) : null;
        if (found is null || found.AccountId != accountId) return ApiError.CheckoutNotFound;
        return new FoundCheckout(found, await credit.RunAsync(found, cancel));
    }
}

public sealed record FoundCheckout(Checkout Checkout, GrantOutcome Outcome)
{
    /// <summary>How it stands, in the words of the API.</summary>
    public string Status => (Outcome, Checkout.Status) switch
    {
        (GrantOutcome.Granted, _) => "paid",
        (GrantOutcome.Quarantined, _) => "in_review",
        (_, CheckoutStatus.Complete) => Checkout.IsSubscription ? "subscribed" : "processing",
        (_, CheckoutStatus.Open) => "open",
        _ => "expired",
    };
}

/// <summary>Ids of the collector's come from outside, and become part of an address there.</summary>
public static class CollectorId
{
    private const int CharactersMax = 200;

    public static bool IsOne(string text) => text.Length is > 0 and <= CharactersMax && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
