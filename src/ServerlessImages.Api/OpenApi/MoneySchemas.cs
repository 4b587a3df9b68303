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
