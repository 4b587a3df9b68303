using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>
/// Announces events as Stripe does: signed, at least once, again when they were not taken, and in no order that could be relied on. A test can hold them back
/// and let them go as it likes.
/// </summary>
internal sealed class StripeWebhookSender(StripeEmulatorOptions options, StripeClock clock) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly Lock gate = new();
    private readonly List<JsonObject> held = [];
    private readonly List<Failed> failed = [];

    public bool Holds { get; set; }

    /// <summary>The version in which events are written, which is the endpoint's own.</summary>
    public string ApiVersion { get; set; } = StripeEmulator.ApiVersion;

    /// <summary>When the next one is sent again, in Unix seconds, or null.</summary>
    public long? NextRetry
    {
        get
        {
            lock (gate) return failed.Count == 0 ? null : failed.Min(each => each.At);
        }
    }

    public async Task AnnounceAsync(IReadOnlyList<JsonObject> events)
    {
        var wanted = events.Where(IsAskedFor);
        if (Holds)
        {
            lock (gate) held.AddRange(wanted);
            return;
        }

        foreach (var each in wanted) await TryAsync(each, attempt: 0);
    }

    /// <summary>Sends again what is due.</summary>
    public async Task RetryAsync()
    {
        Failed[] due;
        lock (gate)
        {
            due = [.. failed.Where(each => each.At <= clock.Real)];
            failed.RemoveAll(due.Contains);
        }

        foreach (var each in due) await TryAsync(each.Event, each.Attempt);
    }

    /// <summary>Lets go what was held back.</summary>
    public async Task<IReadOnlyList<HttpStatusCode?>> ReleaseAsync(int copies, bool newestFirst)
    {
        JsonObject[] events;
        lock (gate)
        {
            events = [.. newestFirst ? held.AsEnumerable().Reverse() : held];
            held.Clear();
        }

        var answers = new List<HttpStatusCode?>();
        foreach (var each in events)
        {
            for (var copy = 0; copy < copies; copy++) answers.Add(await TryAsync(each, attempt: 0));
        }

        return answers;
    }

    /// <summary>Sends any body to where snapshot events go, signed.</summary>
    /// <returns>The answer's status, or null if there was none.</returns>
    public Task<HttpStatusCode?> SendAsync(string body) => PostAsync(options.WebhookUrl, options.WebhookSecret, body);

    /// <summary>Source: docs.stripe.com/webhooks, "Verify webhook signatures manually".</summary>
    public static string Signature(string body, string secret, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}";
    }

    public void Dispose() => http.Dispose();

    private bool IsAskedFor(JsonObject happened) => happened.Text("object") == StripeEvents.ThinType
        ? options.ThinWebhookUrl is not null
        : options.WebhookUrl is not null && options.WebhookTypes?.Contains(happened.Text("type")) != false;

    private async Task<HttpStatusCode?> TryAsync(JsonObject happened, int attempt)
    {
        var isThin = happened.Text("object") == StripeEvents.ThinType;
        var (url, secret) = isThin ? (options.ThinWebhookUrl, options.ThinWebhookSecret) : (options.WebhookUrl, options.WebhookSecret);
        var status = await PostAsync(url, secret, StripeEvents.Announcement(happened, ApiVersion).ToJsonString());
        if (status is not (>= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices) && attempt < options.WebhookRetries.Count)
        {
            lock (gate) failed.Add(new(happened, attempt + 1, clock.Real + (long)options.WebhookRetries[attempt].TotalSeconds));
        }

        return status;
    }

    private async Task<HttpStatusCode?> PostAsync(Uri? url, string secret, string body)
    {
        if (url is null) return null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("Stripe-Signature", Signature(body, secret, options.Time.GetUtcNow()));
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }
        catch (Exception cause) when (cause is HttpRequestException or OperationCanceledException)
        {
            // Nobody listens; it is sent again later.
            return null;
        }
    }

    private sealed record Failed(JsonObject Event, int Attempt, long At);
}
