using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Announces events as Stripe does: signed, at least once, and in no order that could be relied on. A test can hold them back and let them go as it likes.</summary>
internal sealed class StripeWebhookSender(StripeEmulatorOptions options) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly Lock gate = new();
    private readonly List<JsonObject> held = [];

    public bool Holds { get; set; }

    public async Task AnnounceAsync(IReadOnlyList<JsonObject> events)
    {
        if (Holds)
        {
            lock (gate) held.AddRange(events);
            return;
        }

        foreach (var each in events) await SendAsync(each.ToJsonString());
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
            for (var copy = 0; copy < copies; copy++) answers.Add(await SendAsync(each.ToJsonString()));
        }

        return answers;
    }

    /// <summary>Sends any body, signed.</summary>
    /// <returns>The answer's status, or null if there was none.</returns>
    public async Task<HttpStatusCode?> SendAsync(string body)
    {
        if (options.WebhookUrl is null) return null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.WebhookUrl) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("Stripe-Signature", Signature(body, options.WebhookSecret, options.Time.GetUtcNow()));
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }
        catch (Exception cause) when (cause is HttpRequestException or OperationCanceledException)
        {
            // Nobody listens. The real one would try again for three days; here, the sweep finds it.
            return null;
        }
    }

    /// <summary>Source: docs.stripe.com/webhooks, "Verify webhook signatures manually".</summary>
    public static string Signature(string body, string secret, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}";
    }

    public void Dispose() => http.Dispose();
}
