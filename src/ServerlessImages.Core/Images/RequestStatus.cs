using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

public enum RequestState
{
    /// <summary>A job that waits for a worker.</summary>
    Queued,
    Running,
    Succeeded,
    Failed,

    /// <summary>A job that its caller ended before it began.</summary>
    Cancelled,
    Expired,
}

/// <summary>What became of a request.</summary>
/// <param name="Request">How it ended; while it runs, what its hold says.</param>
/// <param name="Charge">Zero unless it succeeded.</param>
/// <param name="Result">The stored result, while it is kept.</param>
public sealed record RequestStatus(string Id, RequestState State, ClosedRequest Request, Money Charge, DateTimeOffset? ClosedAt, ImageResult? Result)
{
    /// <param name="waits">Whether it is a job that no worker has.</param>
    public static RequestStatus Open(Hold hold, bool waits) => new(hold.Id, waits ? RequestState.Queued : RequestState.Running, hold.Close(Money.Zero), Money.Zero, ClosedAt: null, Result: null);

    /// <param name="entry">Of a request, not of a grant.</param>
    public static RequestStatus Ended(LedgerEntry entry, ImageResult? result) =>
        new(entry.Id, StateOf(entry), entry.Request ?? throw new ArgumentException("A grant is no request.", nameof(entry)), entry.Amount, entry.At, result);

    public static RequestState StateOf(LedgerEntry entry) => entry.Type switch
    {
        EntryType.Settle or EntryType.Late => RequestState.Succeeded,
        EntryType.Void => entry.Request?.ErrorCode == Jobs.CancelJob.Code ? RequestState.Cancelled : RequestState.Failed,
        _ => RequestState.Expired,
    };
}

/// <summary>Looks up a request of an account by its id.</summary>
public sealed class FindRequest(AccountLedger ledger, Jobs.JobLedger jobs, ImageResults results)
{
    /// <returns>Or <c>request_not_found</c>: unknown, refused before a hold, or another account's.</returns>
    public async Task<Result<RequestStatus>> RunAsync(LedgerPartition partition, string requestId, CancellationToken cancel)
    {
        if (!IsId(requestId)) return ApiError.RequestNotFound;

        var (entry, hold) = await ledger.FindAsync(partition, requestId, cancel);
        if (entry is not null) return RequestStatus.Ended(entry, await results.FindKeptAsync(partition, entry, cancel));
        return hold is null ? ApiError.RequestNotFound : RequestStatus.Open(hold.Hold, hold.Hold.IsJob && await jobs.FindAsync(partition, requestId, cancel) is { State: Jobs.JobState.Queued });
    }

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");

    /// <summary>An id of our own form; anything else never reaches a store.</summary>
    public static bool IsId(string text) =>
        text.Length == 36 && text.StartsWith("req_", StringComparison.Ordinal) && text.AsSpan(4).IndexOfAnyExcept(HexDigits) < 0;
}
