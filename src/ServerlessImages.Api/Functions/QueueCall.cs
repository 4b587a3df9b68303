using System.Text.Json;

namespace ServerlessImages.Api.Functions;

/// <summary>
/// How the Functions host posts a queue's message: <c>{"Data":{"message":"\"{\\\"id\\\":1}\""},"Metadata":{…}}</c>. The text is a JSON string, and that once more
/// a JSON string. Source: a real host, 4.1037.
/// </summary>
internal static class QueueCall
{
    /// <returns>The message's text.</returns>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static async Task<string> ReadMessageAsync(Stream call, string binding, CancellationToken cancel)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(call, cancellationToken: cancel);
            var encoded = json.RootElement.GetProperty("Data").GetProperty(binding).GetString();
            return JsonSerializer.Deserialize<string>(encoded!) ?? throw new FormatException("The queue's message is null.");
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            throw new FormatException($"The Functions host's call has no message at Data.{binding}.", cause);
        }
    }
}
