using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>Which request answers an Idempotency-Key: the row <c>I|{hash}</c>.</summary>
/// <param name="RequestId">The request that answers.</param>
/// <param name="Fingerprint">Of that request: another one under the same key is the caller's mistake.</param>
/// <param name="ETag">The version of the row: what taking over needs.</param>
public sealed record IdempotencyRecord(string KeyHash, string RequestId, string Fingerprint, DateTimeOffset ExpiresAt, string ETag)
{
    public static Columns ToColumns(string requestId, string fingerprint, DateTimeOffset expiresAt, string token) => new()
    {
        { nameof(RequestId), requestId },
        { nameof(Fingerprint), fingerprint },
        { nameof(ExpiresAt), expiresAt.ToUnixTimeMilliseconds() },
        { LedgerRows.TokenColumn, token },
    };

    public static IdempotencyRecord From(Row row) => new(
        LedgerRows.IdOf(row.Key),
        row.Columns.Text(nameof(RequestId)),
        row.Columns.Text(nameof(Fingerprint)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(ExpiresAt))),
        row.ETag);
}
