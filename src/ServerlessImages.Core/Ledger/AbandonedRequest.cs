using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>A request without an Idempotency-Key whose caller hung up before it was answered: the row <c>A|{key id}|{fingerprint}</c>.</summary>
/// <param name="StartedAt">When its call began: that may have followed an earlier request before its own was held.</param>
/// <param name="ETag">The version of the row, or "" before it is written.</param>
public sealed record AbandonedRequest(string KeyId, string Fingerprint, string RequestId, DateTimeOffset StartedAt, string ETag = "")
{
    public Columns ToColumns() => new()
    {
        { nameof(RequestId), RequestId },
        { nameof(StartedAt), StartedAt.ToUnixTimeMilliseconds() },
    };

    public static AbandonedRequest From(string keyId, string fingerprint, Row row) => new(
        keyId,
        fingerprint,
        row.Columns.Text(nameof(RequestId)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(StartedAt))),
        row.ETag);
}
