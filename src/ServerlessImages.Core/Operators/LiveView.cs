using ServerlessImages.Ledger;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Operators;

/// <param name="InFlight">Requests with an open hold.</param>
/// <param name="Held">Set aside for them.</param>
/// <param name="OldestHold">When the oldest of them was made.</param>
/// <param name="Accounts">With requests in flight.</param>
public sealed record LiveTotals(int InFlight, Money Held, DateTimeOffset? OldestHold, int Accounts)
{
    public static LiveTotals None { get; } = new(0, Money.Zero, null, 0);
}

/// <summary>Work that waits to be done.</summary>
/// <param name="Name">What for.</param>
/// <param name="Count">How much waits: accounts whose hours are to be reported, jobs, endpoints, or announcements. At most <see cref="ReadLive.CountMax"/> of an account, or of all announcements, is counted.</param>
/// <param name="Since">The oldest.</param>
public sealed record WaitingWork(string Name, int Count, DateTimeOffset? Since);

/// <summary>An endpoint that takes nothing, or did not lately.</summary>
public sealed record FailingEndpoint(LedgerPartition Partition, WebhookEndpoint Endpoint);

/// <param name="Oldest">The open holds of real money that were made first, at most <see cref="ReadLive.HoldsShown"/>.</param>
/// <param name="Failing">At most <see cref="ReadLive.EndpointsShown"/>.</param>
/// <param name="IsComplete">Whether all accounts were looked at, which costs some reads of each.</param>
public sealed record LiveView(LiveTotals Live, LiveTotals Test, IReadOnlyList<WaitingWork> Waiting, IReadOnlyList<(LedgerPartition Partition, Hold Hold)> Oldest, IReadOnlyList<FailingEndpoint> Failing, bool IsComplete);
