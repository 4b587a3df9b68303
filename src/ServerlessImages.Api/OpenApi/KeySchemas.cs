using System.ComponentModel;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.OpenApi;

internal sealed record NewKeyBody
{
    [Description("For people: 1 to 100 characters.")]
    public string? Name { get; init; }

    [Description("What it may do: some of the caller's own scopes. Default: all of those.")]
    public IReadOnlyList<string>? Scopes { get; init; }

    [Description("False makes a test key: play money, and images that are drawn here. Default: as the caller's.")]
    public bool? Livemode { get; init; }

    [Description("Unix seconds, at most 5 years ahead and at most when the caller's own expires. Default: as the caller's.")]
    public long? ExpiresAt { get; init; }

    [Description("1 to 20 addresses or CIDR blocks from which alone it may be used. Default: as the caller's.")]
    public IReadOnlyList<string>? Addresses { get; init; }

    [Description("1 to 20 models that alone it may buy. Default: as the caller's.")]
    public IReadOnlyList<string>? Models { get; init; }

    [Description("The most that it may spend in a calendar month, UTC, in dollars with up to six places.")]
    public string? MonthUsd { get; init; }

    [Description("How many requests it may start in a minute, 1 to 60,000.")]
    public int? RequestsPerMinute { get; init; }
}

internal sealed record KeyChangeBody
{
    [Description("1 to 100 characters.")]
    public string? Name { get; init; }

    [Description("True switches it off, and its spending ends at once; false switches it on again.")]
    public bool? Disabled { get; init; }
}

internal sealed record RotationBody
{
    [Description("How long the old key stays good: 0 to 2,592,000 (30 days), default 86,400.")]
    public int? OverlapSeconds { get; init; }
}

internal sealed record FoundKeyBody
{
    [Description("The whole key.")]
    public required string Key { get; init; }
}

internal sealed record KeyAnswer
{
    [Words("api_key")]
    public required string Object { get; init; }

    [Description("The public part.")]
    public required string Id { get; init; }

    [Description("The whole key: only in the answer that made it, and never again.")]
    public string? Key { get; init; }

    public required string? Name { get; init; }

    [Words<KeyStatus>]
    public required string Status { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    [Description("Null: all.")]
    public required IReadOnlyList<string>? Models { get; init; }

    [Description("Null: from everywhere.")]
    public required IReadOnlyList<string>? Addresses { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    [Description("Unix seconds; null: never.")]
    public required long? ExpiresAt { get; init; }

    [Description("Unix seconds, to the hour; null: never.")]
    public required long? LastUsedAt { get; init; }

    [Description("The id of the key that took its place, or null.")]
    public required string? ReplacedBy { get; init; }

    public required bool Livemode { get; init; }
}

internal sealed record KeyListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    public required IReadOnlyList<KeyAnswer> Data { get; init; }

    [Description("Whether older ones follow.")]
    public required bool HasMore { get; init; }

    [Description("For after, or null.")]
    public required string? NextCursor { get; init; }
}

internal sealed record KeyRevocationAnswer
{
    [Words("api_key.revocation")]
    public required string Object { get; init; }

    [Description("The public part of the key.")]
    public required string Id { get; init; }

    public required bool Revoked { get; init; }
}
