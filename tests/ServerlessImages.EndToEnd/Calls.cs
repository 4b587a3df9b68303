using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.EndToEnd;

/// <summary>The API as callers use it, over connections that are never used twice: a client that quietly sent a call again would spoil the count.</summary>
/// <param name="delivered">Told at once when an image has come, and from where.</param>
internal sealed class Calls(Action<Uri> delivered) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromMinutes(2), DefaultRequestHeaders = { ConnectionClose = true } };

    /// <summary>How many images calls have been answered in any way.</summary>
    public int Answers => answers;

    private int answers;

    /// <param name="later">Whether to prefer an answer that comes later.</param>
    /// <param name="hangUp">When the caller gives up on the answer.</param>
    public async Task<Attempt> SendAsync(Uri api, Order order, bool later, CancellationToken hangUp)
    {
        var attempt = new Attempt(order.NextAttemptId());
        try
        {
            using var message = Message(HttpMethod.Post, new Uri(api, order.IsEdit ? "v1/images/edits" : "v1/images/generations"), order.Customer);
            if (order.IsKeyed) message.Headers.Add("Idempotency-Key", order.Id);
            if (later) message.Headers.Add("Prefer", "respond-async");
            message.Content = JsonContent.Create(Body(order, attempt.Id));
            using var response = await http.SendAsync(message, hangUp);
            var body = await response.Content.ReadAsByteArrayAsync(hangUp);
            if (response.IsSuccessStatusCode) delivered(api);
            var answer = JsonElement.Parse(body);
            Interlocked.Increment(ref answers);
            attempt = response switch
            {
                { StatusCode: HttpStatusCode.Accepted } => attempt with { Job = answer.GetProperty("id").GetString() },
                { IsSuccessStatusCode: true } => attempt with { Delivery = Read(answer) },
                _ => attempt with { RefusalCode = answer.GetProperty("error").GetProperty("code").GetString() },
            };
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException or OperationCanceledException)
        {
            // The caller knows nothing, and has to live with that.
        }

        order.Attempts.Enqueue(attempt);
        return attempt;
    }

    /// <summary>Looks at a job, or cancels it, and remembers its end.</summary>
    public async Task AskAsync(HttpMethod method, Uri api, Order order, string job)
    {
        try
        {
            using var message = Message(method, new Uri(api, "v1/jobs/" + job), order.Customer);
            using var response = await http.SendAsync(message);
            Assert.NotEqual(HttpStatusCode.NotFound, response.StatusCode);
            if (!response.IsSuccessStatusCode) return;
            var status = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString()!;
            if (status is not ("queued" or "running")) order.Ends.Enqueue((job, status));
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException or OperationCanceledException)
        {
            // As above.
        }
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

    private static Dictionary<string, object> Body(Order order, string attempt)
    {
        var body = new Dictionary<string, object>
        {
            ["model"] = ApiSettings.Model,
            ["prompt"] = $"order {order.Id} {order.Steer}",
            ["n"] = order.Images,
            ["size"] = "1024x640",
            ["quality"] = "low",
            ["output_format"] = "jpeg",
            ["end_user"] = attempt,
        };
        if (order.IsEdit) body["images"] = new[] { new { image_url = "data:image/png;base64," + Convert.ToBase64String(SampleImages.Png) } };
        return body;
    }

    private static Delivery Read(JsonElement answer) => new(
        answer.GetProperty("id").GetString()!,
        Dollars(answer.GetProperty("cost").GetProperty("amount_usd")),
        string.Join(' ', answer.GetProperty("data").EnumerateArray().Select(image => StoredImage.Of(image.GetProperty("b64_json").GetBytesFromBase64()).Sha256)));

    private static HttpRequestMessage Message(HttpMethod method, Uri address, Customer customer) =>
        new(method, address) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", customer.Key) } };
}
