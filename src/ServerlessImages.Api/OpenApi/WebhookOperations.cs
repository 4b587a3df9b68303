namespace ServerlessImages.Api.OpenApi;

/// <summary>What the document says of webhook endpoints.</summary>
internal static class WebhookOperations
{
    public static IReadOnlyList<ApiOperation> Of(string tag) =>
    [
        new("GET /v1/webhook-endpoints", "listWebhookEndpoints", tag, "List webhook endpoints", "In one page, newest first.")
        {
            Answer = typeof(WebhookEndpointListAnswer),
            Errors = ApiErrors.WithKey,
        },
        new("POST /v1/webhook-endpoints", "createWebhookEndpoint", tag, "Add a webhook endpoint", "The answer is the one place where its secret is shown.")
        {
            Bodies = [typeof(WebhookEndpointBody)],
            Answer = typeof(WebhookEndpointAnswer),
            Status = StatusCodes.Status201Created,
            Parameters = [new("Idempotency-Key", IsHeader: true, "1 to 255 visible ASCII characters. The same key and endpoint bring the same endpoint and secret; another endpoint is refused.")],
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.MissingParameter("url"), ApiError.InvalidIdempotencyKey, ApiError.IdempotencyKeyReused, ApiError.TooManyWebhookEndpoints(16)],
        },
        new("GET /v1/webhook-endpoints/{id}", "getWebhookEndpoint", tag, "Read a webhook endpoint", "Without its secret.")
        {
            Answer = typeof(WebhookEndpointAnswer),
            Errors = [.. ApiErrors.WithKey, ApiError.WebhookEndpointNotFound],
        },
        new("PATCH /v1/webhook-endpoints/{id}", "changeWebhookEndpoint", tag, "Change a webhook endpoint", "What is absent stays. Enabled again, it hears of what happens from then on, and of what it was due before.")
        {
            Bodies = [typeof(WebhookEndpointBody)],
            Answer = typeof(WebhookEndpointAnswer),
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.WebhookEndpointNotFound],
        },
        new("DELETE /v1/webhook-endpoints/{id}", "deleteWebhookEndpoint", tag, "Delete a webhook endpoint", "With its log. Nothing is sent to it from then on.")
        {
            Answer = typeof(WebhookDeletedAnswer),
            Errors = [.. ApiErrors.WithKey, ApiError.WebhookEndpointNotFound],
        },
        new("POST /v1/webhook-endpoints/{id}/rotate-secret", "rotateWebhookSecret", tag, "Make a new secret", "Shown this once. For a while messages are signed with both.")
        {
            Bodies = [typeof(RotateSecretBody)],
            Answer = typeof(WebhookEndpointAnswer),
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.WebhookEndpointNotFound],
        },
        new("POST /v1/webhook-endpoints/{id}/test", "testWebhookEndpoint", tag, "Send a test", "An event webhook_endpoint.test, to this endpoint alone.")
        {
            Bodies = [typeof(NothingBody)],
            Answer = typeof(WebhookTestAnswer),
            Status = StatusCodes.Status202Accepted,
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.WebhookEndpointNotFound, ApiError.WebhookEndpointDisabled],
        },
        new("GET /v1/webhook-endpoints/{id}/deliveries", "listWebhookDeliveries", tag, "List what became of deliveries", "Newest first: the last 1,000, for 30 days.")
        {
            Answer = typeof(WebhookDeliveryListAnswer),
            Parameters = [new("limit", IsHeader: false, "1 to 100, default 20."), new("after", IsHeader: false, "The next_cursor of the page before.")],
            Errors = [.. ApiErrors.WithKey, ApiError.InvalidValue("limit", "a whole number from 1 to 100"), ApiError.WebhookEndpointNotFound, ApiError.EventNotFound],
        },
        new("POST /v1/webhook-endpoints/{id}/deliveries/{event}/replay", "replayWebhookDelivery", tag, "Deliver an event once more", "At once, with the same id, and from the first attempt on. One that is just being attempted goes on.")
        {
            Bodies = [typeof(NothingBody)],
            Answer = typeof(WebhookDeliveryAnswer),
            Status = StatusCodes.Status202Accepted,
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.WebhookEndpointNotFound, ApiError.WebhookEndpointDisabled, ApiError.DeliveryNotFound],
        },
    ];
}
