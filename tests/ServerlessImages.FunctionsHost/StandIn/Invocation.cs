using System.Net;
using System.Text;
using System.Text.Json;

namespace ServerlessImages.FunctionsHost.StandIn;

/// <summary>What the Functions host posts for a trigger that is not HTTP, and what it wants back. Bodies: as a real host, 4.1037, sent them.</summary>
internal static class Invocation
{
    public static string OfTimer(string binding) => JsonSerializer.Serialize(new
    {
        Data = new Dictionary<string, object> { [binding] = new { Schedule = new { AdjustForDST = true }, ScheduleStatus = (object?)null, IsPastDue = false } },
        Metadata = new { sys = new { MethodName = "Timer", UtcNow = "2026-11-23T02:00:00Z", RandGuid = "5b6c7d" } },
    });

    /// <param name="text">The message, which the host encodes twice.</param>
    public static string OfQueue(string binding, string text) => JsonSerializer.Serialize(new
    {
        Data = new Dictionary<string, string> { [binding] = JsonSerializer.Serialize(text) },
        Metadata = new { DequeueCount = "1", Id = "\"8f1c\"", PopReceipt = "\"AgAA\"", sys = new { MethodName = "Queue", UtcNow = "2026-11-23T02:00:00Z", RandGuid = "5b6c7d" } },
    });

    /// <exception cref="InvocationFailedException">It was answered otherwise than the host needs.</exception>
    public static async Task SendAsync(HttpClient http, Uri handler, string function, string body)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(handler, function)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        message.Headers.TransferEncodingChunked = true;
        message.Headers.TryAddWithoutValidation("User-Agent", "Azure-Functions-Host/4.1037.0");
        message.Headers.Add("X-Azure-Functions-HostVersion", "4.1037.0");
        message.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(message);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new InvocationFailedException(answer.StatusCode, text);

        // Without a body, or with null, a real host would wait until functionTimeout.
        if (answer.Content.Headers.ContentType?.MediaType != "application/json" || text.Length == 0 || text == "null") throw new InvocationFailedException(answer.StatusCode, $"The host would hang: '{text}'.");
        using var json = JsonDocument.Parse(text);
        Assert.Equal(["Outputs", "Logs", "ReturnValue"], json.RootElement.EnumerateObject().Select(each => each.Name));
    }
}

internal sealed class InvocationFailedException(HttpStatusCode status, string body) : Exception($"{status}: {body}");
