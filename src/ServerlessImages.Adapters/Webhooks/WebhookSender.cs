using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Security.AntiSSRF;

namespace ServerlessImages.Webhooks;

/// <summary>Posts as Standard Webhooks 1.0 says. A redirect is an answer like any other: it is not followed.</summary>
/// <remarks>Nothing here is logged: an address may be a secret.</remarks>
internal sealed class WebhookSender : IWebhookSender, IDisposable
{
    private readonly WebhookOptions options;
    private readonly TimeProvider clock;
    private readonly HttpClient http;

    /// <param name="network">Where requests go; disposed with the sender.</param>
    public WebhookSender(WebhookOptions options, HttpMessageHandler network, TimeProvider clock)
    {
        (this.options, this.clock) = (options, clock);
        http = new HttpClient(network) { Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "User-Agent", "ServerlessImages" } } };
    }

    public async Task<WebhookAnswer> SendAsync(WebhookMessage message, CancellationToken cancel)
    {
        // Strangers are not told whose trace it is.
        Activity.Current = null;
        using var timeout = new CancellationTokenSource(options.Timeout, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            using var request = Request(message);

            // Of the answer only its head counts, so nobody can make us read for long.
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end.Token);
            return new WebhookAnswer((int)response.StatusCode, "", RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new WebhookAnswer(null, "timed_out");
        }
        catch (AntiSSRFException)
        {
            return new WebhookAnswer(null, "not_public");
        }
        catch (Exception cause) when (cause is HttpRequestException or SocketException or IOException or AuthenticationException or InvalidOperationException or FormatException or ArgumentException)
        {
            return new WebhookAnswer(null, cause.InnerException is AntiSSRFException ? "not_public" : "unreachable");
        }
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Request(WebhookMessage message) => new(HttpMethod.Post, message.Url)
    {
        Content = new StringContent(message.Body, new MediaTypeHeaderValue("application/json")),
        Headers =
        {
            { "webhook-id", message.Id },
            { "webhook-timestamp", message.Timestamp.ToString(CultureInfo.InvariantCulture) },
            { "webhook-signature", message.Signature },
        },
    };

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - clock.GetUtcNow(),
        _ => null,
    };
}
