using System.ComponentModel;
using System.Text.Json.Serialization;
using ServerlessImages.Events;

namespace ServerlessImages.Api.OpenApi;

internal sealed record EventListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    [Description("Newest first.")]
    public required IReadOnlyList<EventAnswer> Data { get; init; }

    public required bool HasMore { get; init; }

    [Description("Send it as after; null on the last page.")]
    public required string? NextCursor { get; init; }
}

[Description("Something that happened: never changed, never removed.")]
internal sealed record EventAnswer
{
    [Words("event")]
    public required string Object { get; init; }

    [Description("Such as evt_000000000012005a8c31f.")]
    public required string Id { get; init; }

    [Words(EventTypes.BudgetThreshold, EventTypes.BalanceLow, EventTypes.JobSucceeded, EventTypes.JobFailed, EventTypes.JobCancelled, EventTypes.JobExpired)]
    public required string Type { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    public required bool Livemode { get; init; }
    public required EventData Data { get; init; }
}

[JsonDerivedType(typeof(SpendAlertAnswer))]
[JsonDerivedType(typeof(JobEndedAnswer))]
internal abstract record EventData;

[Description("job.*: a job has ended.")]
internal sealed record JobEndedAnswer : EventData
{
    [Description("The job's, and the request's.")]
    public required string Id { get; init; }

    [Words("succeeded", "failed", "cancelled", "expired")]
    public required string Status { get; init; }

    public required string Model { get; init; }

    [Description("How many were delivered.")]
    public required int Images { get; init; }

    public required string CostUsd { get; init; }

    [Description("Why it brought none, or null: a code of docs/errors.md, or cancelled.")]
    public required string? Error { get; init; }
}

[Description("A charge has crossed 50, 80 or 100 % of a limit; told once, and anew when the limit begins anew.")]
internal sealed record SpendAlertAnswer : EventData
{
    [Words<SpendSubject>]
    [Description("budget.threshold: key_budget or end_user_budget. balance.low: balance or credit_limit.")]
    public required string What { get; init; }

    [Description("Of a key's budget.")]
    public required string? KeyId { get; init; }

    [Description("Of an end user's budget.")]
    public required string? EndUser { get; init; }

    [Description("Of a budget: total, day or month.")]
    public required string? Window { get; init; }

    [Description("50, 80 or 100: the highest that was crossed. It is also 100 where less is left than the charged request was held at.")]
    public required int Percent { get; init; }

    [Description("Charged: in the window, since the last grant, or to the credit limit and not paid yet.")]
    public required string SpentUsd { get; init; }

    [Description("The budget, what was there after the last grant, or the credit limit.")]
    public required string LimitUsd { get; init; }

    [Description("Of a day or month: Unix seconds.")]
    public required long? ResetsAt { get; init; }

    [Description("The request whose charge crossed it.")]
    public required string RequestId { get; init; }
}
