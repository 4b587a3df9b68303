using System.ComponentModel;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Api.OpenApi;

internal sealed record WebhookEndpointBody
{
    [Description("An https address on port 443 of the public internet, of at most 1,024 characters. Needed when it is added.")]
    public string? Url { get; init; }

    [Description("For yourself: at most 200 characters.")]
    public string? Description { get; init; }

    [Description("The types of events that it wants; absent or [\"*\"] for all.")]
    public IReadOnlyList<string>? Events { get; init; }

    [Words("enabled", "disabled")]
    public string? Status { get; init; }
}

internal sealed record RotateSecretBody
{
    [Description("For how long messages are signed with the old secret too: 0 to 604,800, default 86,400.")]
    public int? OverlapSeconds { get; init; }
}

[Description("An object without members: a POST has a body.")]
internal sealed record NothingBody;

internal sealed record WebhookEndpointListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    public required IReadOnlyList<WebhookEndpointAnswer> Data { get; init; }
    public required bool HasMore { get; init; }
    public required string? NextCursor { get; init; }
}

internal sealed record WebhookEndpointAnswer
{
    [Words("webhook_endpoint")]
    public required string Object { get; init; }

    [Description("Begins with we_.")]
    public required string Id { get; init; }

    public required string Url { get; init; }
    public required string Description { get; init; }

    [Description("The types that it wants; [\"*\"] is all.")]
    public required IReadOnlyList<string> Events { get; init; }

    [Words("enabled", "disabled")]
    public required string Status { get; init; }

    [Words("by_request", "gone", "failing")]
    public required string? DisabledReason { get; init; }

    [Description("whsec_ and base64: when it was made or rotated, else null.")]
    public required string? Secret { get; init; }

    [Description("Until then messages are signed with the secret before, too: Unix seconds.")]
    public required long? PreviousSecretUntil { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    public required bool Livemode { get; init; }
}

internal sealed record WebhookDeletedAnswer
{
    [Words("webhook_endpoint")]
    public required string Object { get; init; }

    public required string Id { get; init; }
    public required bool Deleted { get; init; }
}

internal sealed record WebhookTestAnswer
{
    [Words("webhook_test")]
    public required string Object { get; init; }

    public required string WebhookEndpointId { get; init; }

    [Description("What GET …/deliveries and GET /v1/events know it by.")]
    public required string EventId { get; init; }
}

internal sealed record WebhookDeliveryListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    public required IReadOnlyList<WebhookDeliveryAnswer> Data { get; init; }
    public required bool HasMore { get; init; }

    [Description("Send it as after; null on the last page.")]
    public required string? NextCursor { get; init; }
}

internal sealed record WebhookDeliveryAnswer
{
    [Words("webhook_delivery")]
    public required string Object { get; init; }

    public required string EventId { get; init; }

    [Description("The event's.")]
    public required string Type { get; init; }

    [Words<DeliveryState>]
    public required string Status { get; init; }

    [Description("How many came to an end, since it was made or replayed.")]
    public required int Attempts { get; init; }

    [Description("What the last attempt was answered.")]
    public required int? ResponseStatus { get; init; }

    [Words("timed_out", "not_public", "unreachable")]
    [Description("Why the last attempt got no answer.")]
    public required string? Problem { get; init; }

    [Description("Of the last attempt: Unix seconds.")]
    public required long? AttemptedAt { get; init; }

    [Description("Of the next one: Unix seconds.")]
    public required long? NextAttemptAt { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }
}
