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

    public required EventDataAnswer Data { get; init; }
}

[Description("What each type tells; other members are not there.")]
internal sealed record EventDataAnswer
{
    [Words<SpendSubject>]
    [Description("budget.threshold: key_budget or end_user_budget. balance.low: balance or credit_limit.")]
    public string? What { get; init; }

    [Description("The key whose budget it is, that made the request, or that was acted on.")]
    public string? KeyId { get; init; }

    [Description("Whose budget it is, or who the request is for.")]
    public string? EndUser { get; init; }

    [Description("Of a budget: total, day or month.")]
    public string? Window { get; init; }

    [Description("50, 80 or 100: the highest share that was crossed. It is also 100 where less is left than the charged request was held at.")]
    public int? Percent { get; init; }

    [Description("Charged: in the window, since the last grant, or to the credit limit and not paid yet.")]
    public string? SpentUsd { get; init; }

    [Description("The budget, what was there after the last grant, or the credit limit.")]
    public string? LimitUsd { get; init; }

    [Description("Of a day or month: Unix seconds.")]
    public long? ResetsAt { get; init; }

    [Description("The request that ended, or whose charge crossed the share.")]
    public string? RequestId { get; init; }

    [Description("request.*: generation or edit.")]
    public string? Operation { get; init; }

    [Description("request.*.")]
    public string? Model { get; init; }

    [Description("request.*: as they were sent.")]
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    [Description("request.*: how many were delivered.")]
    public int? Images { get; init; }

    [Description("request.*: the charge.")]
    public EventCostAnswer? Cost { get; init; }

    [Description("request.failed: why.")]
    public string? ErrorCode { get; init; }

    [Description("request.*: where the rest is to be read.")]
    public string? RequestPath { get; init; }

    [Description("request.succeeded.")]
    public string? ReceiptPath { get; init; }

    [Description("key.*.")]
    public IReadOnlyList<string>? Scopes { get; init; }

    [Description("key.*: Unix seconds.")]
    public long? ExpiresAt { get; init; }

    [Description("key.rotated: the key that takes its place.")]
    public string? SuccessorKeyId { get; init; }

    [Description("books.closed: such as 2026-11-28.")]
    public string? Day { get; init; }

    [Description("books.closed.")]
    public string? BooksPath { get; init; }

    [Description("webhook_endpoint.*.")]
    public string? WebhookEndpointId { get; init; }

    [Description("webhook_endpoint.disabled.")]
    public string? Url { get; init; }

    [Words("gone", "failing")]
    [Description("webhook_endpoint.disabled.")]
    public string? Reason { get; init; }
}

internal sealed record EventCostAnswer
{
    public required string AmountUsd { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }
}
