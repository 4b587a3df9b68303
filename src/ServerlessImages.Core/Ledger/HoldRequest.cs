using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Ledger;

/// <summary>What it takes to make a hold.</summary>
/// <param name="Id">The request's id. Another is taken when a write with it was lost: the hold's own id is the one that counts.</param>
/// <param name="Lifetime">After this the sweeper may give the money back: the request's deadline and a margin.</param>
/// <param name="Idempotency">The caller's Idempotency-Key, or null.</param>
/// <param name="KeyGeneration">The generation of the account's keys at which the caller's key is known not to be revoked.</param>
/// <param name="Job">What makes it a job, or null.</param>
/// <param name="MayAdopt">Whether to stop and ask when requests of this partition were abandoned lately; false once asked.</param>
public sealed record HoldRequest(
    string Id,
    Money Quote,
    Accounts.Plan Plan,
    TimeSpan Lifetime,
    RequestSummary Summary,
    IdempotencyClaim? Idempotency = null,
    long KeyGeneration = 0,
    bool MayAdopt = false,
    Jobs.JobClaim? Job = null)
{
    /// <summary>Until then the account counts as new, and is on probation.</summary>
    public DateTimeOffset NewUntil { get; init; }

    /// <summary>Whose budget bounds the key: its own, unless it took another's place.</summary>
    public string KeyBudgetId { get; init; } = Summary.KeyId;

    /// <summary>The budgets that bound it, where they are set.</summary>
    public IReadOnlyList<string> Budgets => Summary.EndUser.Length == 0
        ? [LedgerRows.KeyBudget(KeyBudgetId)]
        : [LedgerRows.KeyBudget(KeyBudgetId), LedgerRows.EndUserBudget(Summary.EndUser)];
}

/// <summary>A request's claim on an Idempotency-Key.</summary>
/// <param name="KeyHash">SHA-256 of the key, in hex: any text becomes a row key.</param>
/// <param name="TakeOverETag">The version of the record to take over from a request that never charged, or "" to claim a key that nobody has.</param>
public sealed record IdempotencyClaim(string KeyHash, string TakeOverETag = "")
{
    /// <summary>How long a key answers with the same result. Source: design, "Retention".</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(72);

    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
}

/// <summary>What came of asking for a hold: one of these is set.</summary>
/// <param name="Hold">The money is held.</param>
/// <param name="Earlier">The Idempotency-Key belongs to an earlier request, which answers.</param>
/// <param name="MayHaveBeenAbandoned">An equal request may be waiting for its caller to come back: look before holding.</param>
/// <param name="NewerKeyGeneration">Keys were revoked since the caller's was read: read it again before holding.</param>
public sealed record HoldOutcome(OpenHold? Hold = null, IdempotencyRecord? Earlier = null, bool MayHaveBeenAbandoned = false, long? NewerKeyGeneration = null);
