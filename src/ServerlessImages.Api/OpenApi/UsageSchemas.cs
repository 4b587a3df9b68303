using System.ComponentModel;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.OpenApi;

/// <summary>What the document says of usage. Tests hold these records to the real answers.</summary>
internal sealed record UsageReportAnswer
{
    [Words("usage")]
    public required string Object { get; init; }

    [Description("Unix seconds: the start of the first hour that is in it.")]
    public required long From { get; init; }

    [Description("Unix seconds: the end of the last hour that is in it.")]
    public required long To { get; init; }

    [Words<UsageBucket>]
    public required string Bucket { get; init; }

    public required IReadOnlyList<string> GroupBy { get; init; }

    [Description("By start, then by the values of the groups. Where nothing was charged there is no line.")]
    public required IReadOnlyList<UsageLineAnswer> Data { get; init; }

    public required UsageSumsAnswer Total { get; init; }

    [Description("The last ledger entry that is in it.")]
    public required long ThroughSequence { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }

    public required bool Livemode { get; init; }
}

internal record UsageSumsAnswer
{
    [Description("How many were charged.")]
    public required long Requests { get; init; }

    [Description("How many were delivered.")]
    public required long Images { get; init; }

    public required long TextInputTokens { get; init; }
    public required long ImageInputTokens { get; init; }
    public required long OutputTokens { get; init; }

    [Description("Charged: dollars with six places.")]
    public required string AmountUsd { get; init; }
}

internal sealed record UsageLineAnswer : UsageSumsAnswer
{
    [Description("Unix seconds.")]
    public required long Start { get; init; }

    [Description("Unix seconds; the first that is not in it.")]
    public required long End { get; init; }

    [Description("Where it is grouped by model.")]
    public string? Model { get; init; }

    [Description("Where it is grouped by quality: as asked.")]
    public string? Quality { get; init; }

    [Description("Where it is grouped by key.")]
    public string? KeyId { get; init; }

    [Description("Where it is grouped by end user; null for requests without one.")]
    public string? EndUser { get; init; }

    [Description("Where it is grouped by rail."), Words<Rail>]
    public string? Rail { get; init; }

    [Description("Where it is grouped by tags: the value of each; null for requests without that tag.")]
    [ValuesMayBeNull]
    public Dictionary<string, string?>? Tags { get; init; }
}

internal sealed record UsageEventListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    [Description("Oldest first.")]
    public required IReadOnlyList<UsageEventAnswer> Data { get; init; }

    [Description("The head of the chain before the first entry of the page: head_after of the page before.")]
    public required string HeadBefore { get; init; }

    [Description("The head after the last one; of an empty page, head_before.")]
    public required string HeadAfter { get; init; }

    [Description("SHA-256, in hex, of the head of each entry, as text and in order.")]
    public required string Checksum { get; init; }

    public required bool HasMore { get; init; }

    [Description("Send it as after, now or once there are more.")]
    public required string NextCursor { get; init; }

    public required bool Livemode { get; init; }
}

[Description("An entry of the ledger: never changed, never removed.")]
internal sealed record UsageEventAnswer
{
    [Words("usage.event")]
    public required string Object { get; init; }

    [Description("From 1 on, without gaps over all entries of the account.")]
    public required long Sequence { get; init; }

    [Words<EntryType>]
    public required string Type { get; init; }

    [Description("The request's id, the grant's, also of its expiry, the refund's or dispute's, or the invoice's.")]
    public required string Id { get; init; }

    [Description("Unix seconds.")]
    public required long At { get; init; }

    [Description("Unix seconds: the start of the hour of GET /v1/usage in which it counts.")]
    public required long Hour { get; init; }

    [Description("Granted, charged, taken back, given back, paid or expired of a grant; 0.000000 for void and expire.")]
    public required string AmountUsd { get; init; }

    [Description("With a refund, a dispute or its reversal: which grant it is of.")]
    public string? GrantId { get; init; }

    [Description("With a grant that expires: Unix seconds.")]
    public long? ExpiresAt { get; init; }

    [Description("This and what follows, to rail: absent where the entry is of no request.")]
    public string? Model { get; init; }

    [Description("As asked.")]
    public string? Quality { get; init; }

    public int? Images { get; init; }
    public string? KeyId { get; init; }
    public string? EndUser { get; init; }
    public Dictionary<string, string>? Tags { get; init; }
    public string? PriceVersion { get; init; }
    public string? QuoteUsd { get; init; }

    [Description("Absent where the upstream sent no count.")]
    public UsageAnswer? Usage { get; init; }

    [Words<Rail>]
    public string? Rail { get; init; }

    [Description("The head of the chain before this entry.")]
    public required string Previous { get; init; }

    [Description("The head after it.")]
    public required string Head { get; init; }
}
