using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.EndToEnd;

/// <summary>The API as callers use it, over connections that are never used twice: a client that quietly sent a call again would spoil the count.</summary>
/// <param name="delivered">Told at once when an image has come, and from where.</param>
internal sealed class Calls(Action<Uri> delivered) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromMinutes(2), DefaultRequestHeaders = { ConnectionClose = true } };

    /// <summary>How many images calls have been answered in any way.</summary>
    public int Answers => answers;

    private int answers;

    /// <param name="hangUp">When the caller gives up on the answer.</param>
    public async Task<Attempt> SendAsync(Uri api, Order order, CancellationToken hangUp)
    {
        var id = order.NextAttemptId();
        var attempt = new Attempt(id, Delivery: null, RefusalCode: null);
        try
        {
            using var message = Message(HttpMethod.Post, new Uri(api, "v1/images/generations"), order.Customer);
            if (order.IsKeyed) message.Headers.Add("Idempotency-Key", order.Id);
            message.Content = JsonContent.Create(new { model = ApiSettings.Model, prompt = $"order {order.Id} {order.Steer}", n = order.Images, size = "1024x640", quality = "low", output_format = "jpeg", end_user = id });
            using var response = await http.SendAsync(message, hangUp);
            var body = await response.Content.ReadAsByteArrayAsync(hangUp);
            if (response.IsSuccessStatusCode) delivered(api);
            var answer = JsonElement.Parse(body);
            Interlocked.Increment(ref answers);
            attempt = response.IsSuccessStatusCode
                ? attempt with { Delivery = Read(answer) }
                : attempt with { RefusalCode = answer.GetProperty("error").GetProperty("code").GetString() };
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException or OperationCanceledException)
        {
            // The caller knows nothing, and has to live with that.
        }

        order.Attempts.Enqueue(attempt);
        return attempt;
    }

    public async Task<JsonElement> ReadAsync(Uri api, Customer customer, string path, CancellationToken cancel)
    {
        using var message = Message(HttpMethod.Get, new Uri(api, path), customer);
        using var response = await http.SendAsync(message, cancel);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync(cancel)}");
        return await response.Content.ReadFromJsonAsync<JsonElement>(cancel);
    }

    /// <returns>The hash of a stored image.</returns>
    public async Task<string> HashAsync(Uri api, Customer customer, string requestId, int index, CancellationToken cancel)
    {
        using var message = Message(HttpMethod.Get, new Uri(api, string.Create(CultureInfo.InvariantCulture, $"v1/requests/{requestId}/content?index={index}")), customer);
        using var response = await http.SendAsync(message, cancel);
        Assert.True(response.IsSuccessStatusCode, $"The image {index} of {requestId} is lost: {response.StatusCode}.");
        return StoredImage.Of(await response.Content.ReadAsByteArrayAsync(cancel)).Sha256;
    }

    public static Money Dollars(JsonElement amount) => new((long)(decimal.Parse(amount.GetString()!, CultureInfo.InvariantCulture) * Money.MicrosPerDollar));

    public void Dispose() => http.Dispose();

    private static Delivery Read(JsonElement answer) => new(
        answer.GetProperty("id").GetString()!,
        Dollars(answer.GetProperty("cost").GetProperty("amount_usd")),
        string.Join(' ', answer.GetProperty("data").EnumerateArray().Select(image => StoredImage.Of(image.GetProperty("b64_json").GetBytesFromBase64()).Sha256)));

    private static HttpRequestMessage Message(HttpMethod method, Uri address, Customer customer) =>
        new(method, address) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", customer.Key) } };
}
