namespace ServerlessImages.Webhooks;

/// <summary>Posts to an address that a customer names: https and public only, without following redirects.</summary>
public interface IWebhookSender
{
    /// <summary>Fails in words, never with an exception but for <paramref name="cancel"/>.</summary>
    Task<WebhookAnswer> SendAsync(WebhookMessage message, CancellationToken cancel);
}

/// <param name="Id">The event's: the same on every attempt, so that its receiver knows it again.</param>
/// <param name="Timestamp">Of the attempt, in Unix seconds.</param>
/// <param name="Body">JSON.</param>
public sealed record WebhookMessage(Uri Url, string Id, long Timestamp, string Signature, string Body);

/// <param name="Status">The status that was answered; null if there was no answer.</param>
/// <param name="Problem">Why not: <c>timed_out</c>, <c>not_public</c>, <c>unreachable</c>; or "".</param>
/// <param name="RetryAfter">How long it asks to be left alone, if it does.</param>
public sealed record WebhookAnswer(int? Status, string Problem, TimeSpan? RetryAfter = null);
