using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Webhooks;
using EventId = ServerlessImages.Events.EventId;

namespace ServerlessImages.Api.Webhooks;

/// <summary>Endpoints and deliveries on the wire.</summary>
internal static class WebhookAnswers
{
    private const string All = "*";

    public static IResult List(IEnumerable<WebhookEndpoint> endpoints, LedgerPartition partition) =>
        Results.Json(new { @object = "list", data = endpoints.Select(each => Of(each, partition, null)), has_more = false, next_cursor = (string?)null });

    public static IResult One(WebhookEndpoint endpoint, LedgerPartition partition) => Results.Json(Of(endpoint, partition, null));

    public static IResult Added(EndpointWithSecret added, LedgerPartition partition) => Results.Json(Of(added.Endpoint, partition, added.Secret), statusCode: StatusCodes.Status201Created);

    public static IResult Rotated(EndpointWithSecret rotated, LedgerPartition partition) => Results.Json(Of(rotated.Endpoint, partition, rotated.Secret));

    public static IResult Deleted(WebhookEndpoint endpoint) => Results.Json(new { @object = "webhook_endpoint", id = endpoint.Id, deleted = true });

    public static IResult Accepted(EventId told, string endpoint, LedgerPartition partition) =>
        Results.Json(new { @object = "webhook_test", webhook_endpoint_id = endpoint, event_id = told.ToText(partition) }, statusCode: StatusCodes.Status202Accepted);

    public static IResult Deliveries(DeliveryPage page, LedgerPartition partition) => Results.Json(new
    {
        @object = "list",
        data = page.Deliveries.Select(each => Of(each, partition)),
        has_more = page.HasMore,
        next_cursor = page.HasMore ? page.Deliveries[^1].Event.ToText(partition) : null,
    });

    public static IResult Replayed(DeliveryRecord delivery, LedgerPartition partition) => Results.Json(Of(delivery, partition), statusCode: StatusCodes.Status202Accepted);

    private static object Of(WebhookEndpoint endpoint, LedgerPartition partition, string? secret) => new
    {
        @object = "webhook_endpoint",
        id = endpoint.Id,
        url = endpoint.Url,
        description = endpoint.Description,
        events = endpoint.Types.Count == 0 ? [All] : endpoint.Types,
        status = endpoint.IsEnabled ? "enabled" : "disabled",
        disabled_reason = endpoint.State switch
        {
            EndpointState.DisabledByRequest => "by_request",
            EndpointState.DisabledGone => "gone",
            EndpointState.DisabledFailing => "failing",
            _ => null,
        },
        secret,
        previous_secret_until = endpoint.Secrets.Previous is null ? (long?)null : endpoint.Secrets.PreviousUntil.ToUnixTimeSeconds(),
        created = endpoint.Created.ToUnixTimeSeconds(),
        livemode = partition.Livemode,
    };

    private static object Of(DeliveryRecord delivery, LedgerPartition partition) => new
    {
        @object = "webhook_delivery",
        event_id = delivery.Event.ToText(partition),
        type = delivery.Type,
        status = delivery.State.ToWire(),
        attempts = delivery.Attempts,
        response_status = delivery.Status == 0 ? (int?)null : delivery.Status,
        problem = delivery.Problem.Length == 0 ? null : delivery.Problem,
        attempted_at = delivery.AttemptedAt == DateTimeOffset.UnixEpoch ? (long?)null : delivery.AttemptedAt.ToUnixTimeSeconds(),
        next_attempt_at = delivery.DueAt?.ToUnixTimeSeconds(),
        created = delivery.Created.ToUnixTimeSeconds(),
    };
}
