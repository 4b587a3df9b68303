using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace ServerlessImages.EndToEnd;

/// <summary>Somebody who buys credit again and again, on Stripe's page, and comes back to the product from it; or does not, and Stripe's announcement has to do.</summary>
internal sealed class Buyer(int seed, IReadOnlyList<Customer> customers, Instances instances) : IDisposable
{
    private readonly Random random = new(seed);
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromMinutes(1), DefaultRequestHeaders = { ConnectionClose = true } };

    /// <summary>How often a page was paid.</summary>
    public int Purchases { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var (customer, dollars) = (customers[random.Next(customers.Count)], random.Next(5, 21));
            if (await OpenAsync(customer, dollars, string.Create(CultureInfo.InvariantCulture, $"purchase-{number}"), stop) is not { } checkout) return;
            await StripeDesk.PayAsync(new(checkout.GetProperty("url").GetString()!), CancellationToken.None);
            Purchases++;
            if (random.Next(2) == 0) await TryAsync(new(HttpMethod.Get, new Uri(instances.Any(random), "billing/return?session_id=" + checkout.GetProperty("id").GetString())));
            await Task.Delay(random.Next(1_000), CancellationToken.None);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>Under the same key until there is an answer: it is one page.</summary>
    private async Task<JsonElement?> OpenAsync(Customer customer, int dollars, string key, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var ask = new HttpRequestMessage(HttpMethod.Post, new Uri(instances.Any(random), "v1/billing/checkout")) { Content = JsonContent.Create(new { amount_usd = dollars.ToString(CultureInfo.InvariantCulture) }) };
            ask.Headers.Add("Authorization", "Bearer " + customer.Key);
            ask.Headers.Add("Idempotency-Key", key);
            if (await TryAsync(ask) is { } answer && JsonElement.Parse(answer) is var checkout && checkout.TryGetProperty("url", out _)) return checkout;
            await Task.Delay(random.Next(100), CancellationToken.None);
        }

        return null;
    }

    /// <returns>The body; null if the connection broke, and the payer knows nothing.</returns>
    private async Task<string?> TryAsync(HttpRequestMessage message)
    {
        using (message)
        {
            try
            {
                using var answer = await http.SendAsync(message);
                return await answer.Content.ReadAsStringAsync();
            }
            catch (Exception cause) when (cause is HttpRequestException or IOException or OperationCanceledException)
            {
                return null;
            }
        }
    }
}
