using ServerlessImages.Accounts;

namespace ServerlessImages.Ledger;

/// <summary>
/// A rate limit as GCRA (the generic cell rate algorithm): its whole state is one time, kept in the balance row, so that it is exact on any number of
/// instances. Pure; in microseconds, so that no limit per minute is rounded by more than a millionth of a second.
/// </summary>
/// <param name="RequestsPerMinute">The sustained rate.</param>
/// <param name="Burst">How many requests may start at once.</param>
public readonly record struct RateLimit(int RequestsPerMinute, int Burst)
{
    private long Interval => TimeSpan.MicrosecondsPerMinute / RequestsPerMinute;

    public static RateLimit Of(Plan plan) => new(plan.RequestsPerMinute, plan.Burst);

    /// <param name="state">The theoretical arrival time of the next request, in Unix microseconds; 0 at first.</param>
    /// <param name="owner">Whose limit it is; null for the account's.</param>
    public Result<Pace> Take(long state, DateTimeOffset now, BudgetOwner? owner = null)
    {
        var at = Microseconds(now);
        var next = Math.Max(state, at) + Interval;
        var excess = next - at - (Interval * Burst);
        return excess > 0 ? ApiError.RateLimitExceeded(owner, RequestsPerMinute, TimeSpan.FromMicroseconds(excess)) : PaceOf(next, at);
    }

    /// <summary>Where it stands, with nothing taken.</summary>
    public Pace Look(long state, DateTimeOffset now) => PaceOf(Math.Max(state, Microseconds(now)), Microseconds(now));

    private Pace PaceOf(long state, long at) =>
        new(state, RequestsPerMinute, (int)(((Interval * Burst) - (state - at)) / Interval), TimeSpan.FromMicroseconds(state - at));

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <summary>What the caller is told about its rate.</summary>
/// <param name="Remaining">Requests that may start at once.</param>
/// <param name="Reset">Until the whole burst is there again.</param>
public sealed record Pace(long State, int RequestsPerMinute, int Remaining, TimeSpan Reset)
{
    /// <summary>Whether it lets fewer requests start now, or as few and takes longer to let more.</summary>
    public bool IsNarrowerThan(Pace other) => Remaining < other.Remaining || (Remaining == other.Remaining && Reset > other.Reset);
}
