using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

public enum RequestState
{
    Running,
    Succeeded,
    Failed,
    Expired,
}

/// <summary>What became of a request.</summary>
/// <param name="Request">How it ended; while it runs, what its hold says.</param>
/// <param name="Charge">Zero unless it succeeded.</param>
/// <param name="Result">The stored result, while it is kept.</param>
public sealed record RequestStatus(string Id, RequestState State, ClosedRequest Request, Money Charge, DateTimeOffset? ClosedAt, ImageResult? Result);

/// <summary>Looks up a request of an account by its id.</summary>
public sealed class FindRequest(AccountLedger ledger, ImageResults results)
{
    /// <returns>Or <c>request_not_found</c>: unknown, refused before a hold, or another account's.</returns>
    public async Task<Result<RequestStatus>> RunAsync(LedgerPartition partition, string requestId, CancellationToken cancel)
    {
        if (!IsId(requestId)) return ApiError.RequestNotFound;

        var (entry, hold) = await ledger.FindAsync(partition, requestId, cancel);
        if (entry is { Request: { } closed })
        {
            var result = entry.Type == EntryType.Settle ? await results.FindAsync(partition, requestId, cancel) : null;
            return new RequestStatus(requestId, StateOf(entry.Type), closed, entry.Amount, entry.At, result);
        }

        return hold is null ? ApiError.RequestNotFound : new RequestStatus(requestId, RequestState.Running, hold.Close(Money.Zero), Money.Zero, null, null);
    }

    private static RequestState StateOf(EntryType type) => type switch
    {
        EntryType.Settle => RequestState.Succeeded,
        EntryType.Void => RequestState.Failed,
        _ => RequestState.Expired,
    };

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");

    /// <summary>An id of our own form; anything else never reaches a store.</summary>
    private static bool IsId(string text) =>
        text.Length == 36 && text.StartsWith("req_", StringComparison.Ordinal) && text.AsSpan(4).IndexOfAnyExcept(HexDigits) < 0;
}
