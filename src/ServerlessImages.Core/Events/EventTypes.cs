namespace ServerlessImages.Events;

/// <summary>The types of events, as the wire names them.</summary>
/// <remarks>
/// Those of single requests, and the closing of books, are so many that they are told only while an endpoint of the account wants them
/// (<see cref="Ledger.Balance.Wants"/>); all others always.
/// </remarks>
public static class EventTypes
{
    public const string BudgetThreshold = "budget.threshold";
    public const string BalanceLow = "balance.low";
    public const string RequestSucceeded = "request.succeeded";
    public const string RequestFailed = "request.failed";
    public const string KeyCreated = "key.created";
    public const string KeyRotated = "key.rotated";
    public const string KeyRevoked = "key.revoked";
    public const string KeyDisabled = "key.disabled";
    public const string BooksClosed = "books.closed";
    public const string AccountWarned = "account.warned";
    public const string AccountCoolingDown = "account.cooling_down";
    public const string AccountUnderReview = "account.under_review";
    public const string AccountCleared = "account.cleared";
    public const string JobSucceeded = "job.succeeded";
    public const string JobFailed = "job.failed";
    public const string JobCancelled = "job.cancelled";
    public const string JobExpired = "job.expired";
    public const string EndpointDisabled = "webhook_endpoint.disabled";

    /// <summary>Goes to the endpoint that it was asked for, whatever that wants, and to no other.</summary>
    public const string EndpointTest = "webhook_endpoint.test";

    /// <summary>What an endpoint may want. The place is the type's bit in every mask that is stored: a new type goes to the end.</summary>
    public static IReadOnlyList<string> Wantable { get; } =
        [BudgetThreshold, BalanceLow, RequestSucceeded, RequestFailed, KeyCreated, KeyRotated, KeyRevoked, KeyDisabled, BooksClosed, EndpointDisabled, AccountWarned, AccountCoolingDown, AccountUnderReview, AccountCleared, JobSucceeded, JobFailed, JobCancelled, JobExpired];

    public static IReadOnlyList<string> All { get; } = [.. Wantable, EndpointTest];

    /// <returns>A bit for each type; of no types all bits, also of types that there are not yet.</returns>
    public static long MaskOf(IReadOnlyCollection<string> types) =>
        types.Count == 0 ? -1 : Wantable.Index().Where(each => types.Contains(each.Item)).Sum(each => 1L << each.Index);

    /// <returns>Whether a type is in a mask. What nobody may want never is.</returns>
    public static bool IsIn(long mask, string type) =>
        mask != 0 && Wantable.Index().Any(each => each.Item == type && (mask & (1L << each.Index)) != 0);
}
