using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

/// <summary>Waits for a request that is running already, here or on another instance, and answers with its stored result: the same images, the same id, no second charge.</summary>
public sealed class FollowRequest(AccountLedger ledger, ImageResults results, CloseExpiredHold closeExpired, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    /// <param name="patience">How long to wait for its end.</param>
    /// <param name="connection">Ends the waiting, and nothing else.</param>
    public async Task<Followed> RunAsync(LedgerPartition partition, string requestId, TimeSpan patience, CancellationToken connection)
    {
        var startedAt = clock.GetTimestamp();
        while (true)
        {
            var (entry, open) = await ledger.FindAsync(partition, requestId, connection);
            if (entry is not null) return await AnswerAsync(partition, entry, connection);
            if (open is null) return Followed.NotCharged;
            if (open.Hold.ExpiresAt <= clock.GetUtcNow()) await closeExpired.RunAsync(partition, open, connection);
            else if (clock.GetElapsedTime(startedAt) >= patience) return Followed.StillRunning;
            else await Task.Delay(PollInterval, clock, connection);
        }
    }

    private async Task<Followed> AnswerAsync(LedgerPartition partition, LedgerEntry entry, CancellationToken connection)
    {
        if (!entry.IsCharge) return Followed.NotCharged;
        return await results.ReplayAsync(partition, entry, connection) is { } generation ? new(FollowedState.Answered, generation) : new(FollowedState.Deleted);
    }
}

public enum FollowedState
{
    Answered,

    /// <summary>It was charged, and its images are no longer kept.</summary>
    Deleted,

    /// <summary>It ended without a charge: voided, expired, or never was.</summary>
    NotCharged,

    StillRunning,
}

/// <param name="Generation">Set if it was answered.</param>
public sealed record Followed(FollowedState State, Generation? Generation = null)
{
    public static Followed NotCharged { get; } = new(FollowedState.NotCharged);
    public static Followed StillRunning { get; } = new(FollowedState.StillRunning);
}
