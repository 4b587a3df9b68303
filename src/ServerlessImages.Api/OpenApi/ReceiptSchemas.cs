using System.ComponentModel;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.OpenApi;

/// <summary>What the document says of receipts. Tests hold these records to the real answers.</summary>
internal sealed record ReceiptAnswer
{
    [Words("receipt")]
    public required string Object { get; init; }

    [Description("The request's id.")]
    public required string Id { get; init; }

    [Description("The payload below, signed: a compact JWS (RFC 7515) with alg ES256 and the kid of a key at /.well-known/jwks.json.")]
    public required string Jws { get; init; }

    [Description("What the JWS says, for people. Only the JWS proves it.")]
    public required ReceiptPayloadAnswer Payload { get; init; }
}

internal sealed record ReceiptPayloadAnswer
{
    [Description("The address of the API that charged.")]
    public required string Iss { get; init; }

    [Description("Unix seconds of the charge: a receipt says the same whenever it is read.")]
    public required long Iat { get; init; }

    public required int ReceiptVersion { get; init; }
    public required string AccountId { get; init; }
    public required string RequestId { get; init; }
    public required string KeyId { get; init; }
    public required bool Livemode { get; init; }

    [Words<ImageOperation>]
    public required string Operation { get; init; }

    public required string Model { get; init; }

    [Description("As asked.")]
    public required string Size { get; init; }

    [Description("As asked.")]
    public required string Quality { get; init; }

    [Words<ImageFormat>]
    public required string OutputFormat { get; init; }

    [Description("Of the bytes of each image that was charged, in hex and in order.")]
    public required IReadOnlyList<string> ImageSha256 { get; init; }

    public UsageAnswer? Usage { get; init; }
    public required CostAnswer Cost { get; init; }

    [Words<Rail>]
    public required string Rail { get; init; }

    [Description("Unix seconds.")]
    public required long HeldAt { get; init; }

    [Description("Unix seconds.")]
    public required long SettledAt { get; init; }

    public required ReceiptEntryAnswer Entry { get; init; }
}

[Description("Where the charge stands in the chain of the account's ledger entries.")]
internal sealed record ReceiptEntryAnswer
{
    [Description("From 1 on, without gaps over all entries of the account.")]
    public required long Sequence { get; init; }

    [Description("The head of the chain before this entry: that of the entry before it.")]
    public required string Previous { get; init; }

    [Description("The head after it: SHA-256 of previous and the entry.")]
    public required string Head { get; init; }
}

internal sealed record KeySetAnswer
{
    public required IReadOnlyList<PublicKeyAnswer> Keys { get; init; }
}

internal sealed record PublicKeyAnswer
{
    [Words("EC")]
    public required string Kty { get; init; }

    [Words("P-256")]
    public required string Crv { get; init; }

    public required string X { get; init; }
    public required string Y { get; init; }

    [Words("sig")]
    public required string Use { get; init; }

    [Words("ES256")]
    public required string Alg { get; init; }

    [Description("The key's thumbprint (RFC 7638).")]
    public required string Kid { get; init; }
}
