namespace ServerlessImages.Local.Stripe;

/// <summary>An answer as it went out, to be given again.</summary>
internal sealed record StripeAnswer(int Status, string Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    public static StripeAnswer Of(StripeError error) => new(error.Status, error.Body.ToJsonString(), error.Headers);
}

/// <summary>
/// One answer for each key, a failure as well as a success, until Stripe forgets the key; the second of two at once waits for the first.
/// Source: docs.stripe.com/api/idempotent_requests.
/// </summary>
internal sealed class StripeIdempotency(StripeClock clock)
{
    public const int CharactersMax = 255;

    private static readonly long KeptSeconds = (long)TimeSpan.FromHours(24).TotalSeconds;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Kept> answers = new(StringComparer.Ordinal);

    /// <param name="request">What is asked, to be compared with what was asked under the same key.</param>
    public StripeAnswer Answer(string key, string request, Func<StripeAnswer> answer)
    {
        Kept kept;
        bool isNew;
        lock (gate)
        {
            isNew = !answers.TryGetValue(key, out kept!) || clock.Real - kept.Since >= KeptSeconds;
            if (isNew) answers[key] = kept = new(clock.Real, request, new(answer));
        }

        if (kept.Request != request) return StripeAnswer.Of(StripeError.KeyReused());
        var given = kept.Answer.Value;
        return isNew ? given : given with { Headers = [.. given.Headers, ("Idempotent-Replayed", "true")] };
    }

    private sealed record Kept(long Since, string Request, Lazy<StripeAnswer> Answer);
}
