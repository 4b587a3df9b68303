using System.ComponentModel;
using System.Text.Json;
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

    [Words(EventTypes.BudgetThreshold, EventTypes.BalanceLow, EventTypes.AccountWarned, EventTypes.AccountCoolingDown, EventTypes.AccountUnderReview, EventTypes.AccountCleared, EventTypes.JobSucceeded, EventTypes.JobFailed, EventTypes.JobCancelled, EventTypes.JobExpired)]
    public required string Type { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    public required bool Livemode { get; init; }
    [Description("budget.… and balance.…: what (key_budget, end_user_budget, balance, credit_limit), key_id, end_user, window, percent, spent_usd, limit_usd, resets_at, request_id. account.…: refused_calls, window_hours, until, stage, categories, key_id, end_user, request_id; of account.cleared nothing. job.…: id, status, model, images, cost_usd, error.")]
    public required IReadOnlyDictionary<string, JsonElement> Data { get; init; }
}
