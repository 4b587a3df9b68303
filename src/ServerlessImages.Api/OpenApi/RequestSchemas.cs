using System.ComponentModel;
using ServerlessImages.Deployments;
using ServerlessImages.Images;

namespace ServerlessImages.Api.OpenApi;

internal sealed record AttemptAnswer
{
    [Words<AttemptEnd>]
    public required string Outcome { get; init; }

    public required double Seconds { get; init; }
}

internal sealed record JobListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    public required IReadOnlyList<JobAnswerBody> Data { get; init; }

    [Description("Whether older ones follow.")]
    public required bool HasMore { get; init; }

    [Description("For after, or null.")]
    public required string? NextCursor { get; init; }
}

internal sealed record RequestListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    public required IReadOnlyList<RequestAnswerBody> Data { get; init; }

    [Description("Whether older ones follow.")]
    public required bool HasMore { get; init; }

    [Description("For after, or null.")]
    public required string? NextCursor { get; init; }
}

internal sealed record RequestAnswerBody : RequestMembers
{
    [Words("request")]
    public required string Object { get; init; }
}

[Description("A request that is answered later: it has the same id there.")]
internal sealed record JobAnswerBody : RequestMembers
{
    [Words("job")]
    public required string Object { get; init; }
}

internal abstract record RequestMembers
{
    public required string Id { get; init; }

    [Words<RequestState>]
    public required string Status { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    [Description("Unix seconds, or null before it has ended.")]
    public required long? Finished { get; init; }

    [Words<ImageOperation>]
    public required string Operation { get; init; }

    public required string Model { get; init; }
    public required int N { get; init; }

    [Description("As asked.")]
    public required string Size { get; init; }

    [Description("As asked.")]
    public required string Quality { get; init; }

    [Words<ImageFormat>]
    public required string OutputFormat { get; init; }

    [Description("The public part of the API key that made it.")]
    public required string KeyId { get; init; }

    [Description("Why it failed, or null.")]
    public required RequestErrorAnswer? Error { get; init; }

    public UsageAnswer? Usage { get; init; }
    public required CostAnswer Cost { get; init; }

    [Description("Empty before it has ended, where it failed, once its images are no longer kept, and in lists.")]
    public required IReadOnlyList<StoredImageAnswer> Images { get; init; }

    [Description("The calls to the image model that were made for it, in the order in which they ended; empty while it runs.")]
    public required IReadOnlyList<AttemptAnswer> Attempts { get; init; }

    public required bool Livemode { get; init; }
}

internal sealed record RequestErrorAnswer
{
    public required string Code { get; init; }
}

internal sealed record StoredImageAnswer
{
    public required string Id { get; init; }

    [Description("Needs the key.")]
    public required string ContentUrl { get; init; }

    public required string Size { get; init; }
    public required long Bytes { get; init; }

    [Description("Of the bytes, in hex.")]
    public required string Sha256 { get; init; }
}

internal sealed record DeletedAnswer
{
    public required string Id { get; init; }

    [Words("request")]
    public required string Object { get; init; }

    public required bool Deleted { get; init; }
}

internal sealed record BalanceAnswer
{
    [Words("balance")]
    public required string Object { get; init; }

    [Description("Dollars with six places.")]
    public required string AvailableUsd { get; init; }

    [Description("What of it expires, the earliest first; it is spent first.")]
    public required IReadOnlyList<ExpiringAnswer> Expiring { get; init; }

    [Description("Set aside for requests that run.")]
    public required string HeldUsd { get; init; }

    [Description("What was paid back after it had been spent. While it is above zero nothing can be bought, and the next payment pays it first.")]
    public required string DebtUsd { get; init; }

    [Description("How much may be owed at most: above zero for trusted accounts, which are invoiced.")]
    public required string CreditLimitUsd { get; init; }

    [Description("What is left of that.")]
    public required string CreditAvailableUsd { get; init; }

    [Description("Charged to that limit and not paid yet.")]
    public required string OwedUsd { get; init; }

    public required StandingAnswer Standing { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }

    public required bool Livemode { get; init; }
}

[Description("How the account stands with the content filter.")]
internal sealed record StandingAnswer
{
    [Words<ServerlessImages.Abuse.Rung>]
    [Description("warned: on probation. cooling_down: nothing is drawn until then. under_review: nothing is drawn until the operator has looked.")]
    public required string State { get; init; }

    [Description("Calls that the content filter refused within the window.")]
    public required int RefusedCalls { get; init; }

    public required int WindowHours { get; init; }

    [Description("When the cooling down, or else the probation, ends: Unix seconds; null for neither.")]
    public required long? Until { get; init; }
}

internal sealed record ExpiringAnswer
{
    public required string GrantId { get; init; }

    [Description("What is left of it and not held.")]
    public required string AmountUsd { get; init; }

    [Description("Unix seconds.")]
    public required long ExpiresAt { get; init; }
}

internal sealed record HealthAnswer
{
    [Words("ok")]
    public required string Status { get; init; }
}

internal sealed record ReadinessAnswer
{
    [Words("ready", "not_ready")]
    public required string Status { get; init; }

    [Description("None where it is ready.")]
    public required IReadOnlyList<ReadinessProblem> Problems { get; init; }
}

internal sealed record ReadinessProblem
{
    [Words("tables", "images", "signing_key", "models", "deployments")]
    public required string Check { get; init; }

    [Description("For people.")]
    public required string Detail { get; init; }
}
