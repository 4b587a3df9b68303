using System.ComponentModel;

namespace ServerlessImages.Api.OpenApi;

internal sealed record LimitsBody
{
    [Description("The most that may ever be spent, in dollars with up to six places, from the day on which limits were first set. Absent or null: no limit.")]
    public string? TotalUsd { get; init; }

    [Description("The same for each day, UTC.")]
    public string? DayUsd { get; init; }

    [Description("The same for each calendar month, UTC.")]
    public string? MonthUsd { get; init; }

    [Description("How many requests may start in a minute, 1 to 60,000; a sixth of them at once. Beside the account's own rate.")]
    public int? RequestsPerMinute { get; init; }
}

internal sealed record LimitsAnswerBody
{
    [Words("limits")]
    public required string Object { get; init; }

    [Description("With a key's limits.")]
    public string? KeyId { get; init; }

    [Description("With an end user's limits.")]
    public string? EndUser { get; init; }

    public required LimitAnswer Total { get; init; }
    public required LimitAnswer Day { get; init; }
    public required LimitAnswer Month { get; init; }
    public required int? RequestsPerMinute { get; init; }
    public required bool Livemode { get; init; }
}

internal sealed record LimitAnswer
{
    [Description("Null: no limit.")]
    public required string? LimitUsd { get; init; }

    [Description("Charged, since limits were first set or since the day or month began.")]
    public required string SpentUsd { get; init; }

    [Description("The quotes of the requests that run.")]
    public required string HeldUsd { get; init; }

    [Description("Null where there is no limit.")]
    public required string? LeftUsd { get; init; }

    [Description("Unix seconds; null for the total.")]
    public required long? ResetsAt { get; init; }
}

internal sealed record BooksAnswer
{
    [Words("books")]
    public required string Object { get; init; }

    [Description("Such as 2026-11-23, UTC.")]
    public required string Day { get; init; }

    [Words("balanced", "pending", "different")]
    [Description("`pending`: not all of it was held against the collector yet, or the collector may still show what is missing.")]
    public required string State { get; init; }

    [Description("Unix seconds.")]
    public required long ClosedAt { get; init; }

    [Description("Of the day's entries.")]
    public required long FirstSequence { get; init; }

    public required long LastSequence { get; init; }

    [Description("The chain's head when the day began: 64 hex digits.")]
    public required string PreviousHead { get; init; }

    [Description("The chain's head when it was over.")]
    public required string Head { get; init; }

    public required string GrantedUsd { get; init; }

    [Description("Refunds and disputes, less those that were reversed: it can be below zero.")]
    public required string RefundedUsd { get; init; }

    [Description("What was left of grants when their time was over.")]
    public required string ExpiredUsd { get; init; }

    public required string ChargedPrepaidUsd { get; init; }
    public required string ChargedPostpaidUsd { get; init; }

    [Description("Invoices that were paid.")]
    public required string PaidUsd { get; init; }

    public required int Grants { get; init; }

    [Description("Disputes among them.")]
    public required int Refunds { get; init; }

    [Description("Of invoices.")]
    public required int Payments { get; init; }

    public required int RequestsCharged { get; init; }
    public required int RequestsFailed { get; init; }
    public required int RequestsExpired { get; init; }
    public required int Images { get; init; }

    [Description("Whether all of the day was held against the collector. False where there is none.")]
    public required bool CollectorCompared { get; init; }

    [Description("None where the state is balanced, but those with the collector that were settled since; at most 100 within the ledger.")]
    public required IReadOnlyList<DifferenceAnswer> Differences { get; init; }

    [Description("What the collector, or we, may still show: after 48 hours it is a difference.")]
    public required IReadOnlyList<DifferenceAnswer> Pending { get; init; }

    [Description("Of the last file of the day's export, which names the one before it.")]
    public required string ExportSha256 { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }
}

internal sealed record DifferenceAnswer
{
    [Description("Which check, such as image_missing.")]
    public required string Code { get; init; }

    [Description("The row's key.")]
    public required string Row { get; init; }

    public required string Expected { get; init; }
    public required string Found { get; init; }

    [Description("Where the ledger's row was held against the collector: what it is called there, which says `found`.")]
    public string? CollectorRow { get; init; }

    [Description("Such as 2026-11-25: the day whose closing found that it fits after all.")]
    public string? SettledOn { get; init; }
}
