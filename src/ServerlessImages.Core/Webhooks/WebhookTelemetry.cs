namespace ServerlessImages.Webhooks;

/// <summary>Tells of attempts at endpoints. Never of whose they are.</summary>
internal static class WebhookTelemetry
{
    public static void Attempted(WebhookAnswer answer, TimeSpan time)
    {
        var outcome = answer.Status is { } status ? status is >= 200 and < 300 ? "delivered" : $"{status / 100}xx" : answer.Problem;
        Telemetry.WebhookAttempts.Add(1, KeyValuePair.Create<string, object?>("outcome", outcome));
        Telemetry.WebhookDuration.Record(time.TotalSeconds);
    }
}
