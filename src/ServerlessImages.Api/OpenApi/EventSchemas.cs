using System.ComponentModel;
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

    [Words(EventTypes.BudgetThreshold, EventTypes.BalanceLow, EventTypes.RequestSucceeded, EventTypes.RequestFailed, EventTypes.KeyCreated, EventTypes.KeyRotated, EventTypes.KeyRevoked, EventTypes.KeyDisabled, EventTypes.BooksClosed, EventTypes.EndpointDisabled, EventTypes.EndpointTest)]
    public required string Type { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    public required bool Livemode { get; init; }

    [Description("By type: ids, amounts and paths. Of budget.threshold and balance.low: what, percent, spent_usd, limit_usd, request_id; of request.succeeded and request.failed: request_id, cost, images, error_code, request_path.")]
    public required IReadOnlyDictionary<string, object?> Data { get; init; }
}
