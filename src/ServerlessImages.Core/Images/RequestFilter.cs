using ServerlessImages.Usage;

namespace ServerlessImages.Images;

/// <summary>Which requests are looked for: all that is said has to fit.</summary>
/// <param name="Day">In which they ended, by the ledger's hours: the day whose usage their charge belongs to.</param>
public sealed record RequestFilter(DateOnly? Day, RequestState? State, IReadOnlyList<UsageFilter> Values)
{
    public static RequestFilter None { get; } = new(null, null, []);

    public bool IsNone => Day is null && State is null && Values.Count == 0;

    /// <summary>Whether requests that run can be among them.</summary>
    public bool TakesRunning => Day is null && State is null or RequestState.Running or RequestState.Queued;

    /// <summary>Whether requests that ended can be among them.</summary>
    public bool TakesEnded => State is not (RequestState.Running or RequestState.Queued);

    public bool Fits(RequestStatus status) => (State is null || status.State == State) && Values.All(value => value.Fits(UsageCombination.Of(default, status.Request.Summary, status.Request.Rail)));
}
