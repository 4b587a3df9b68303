using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServerlessImages.Cli;

/// <summary>Calls the operator API. A call that can be sent again without being done twice is, when the service does not answer.</summary>
internal sealed class OperatorClient(Uri address, SignIn signIn, TimeProvider clock) : IDisposable
{
    private const int TriesMax = 3;
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    /// <summary>A token must not follow a redirect to somewhere else.</summary>
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeMax };

    public Task<JsonElement> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, null, maySendAgain: true, cancel);

    /// <param name="idempotencyKey">Under which it is done once; null if it is by itself.</param>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, JsonObject body, string? idempotencyKey, CancellationToken cancel) => SendAsync(method, path, body, idempotencyKey, maySendAgain: true, cancel);

    /// <summary>For what is done again each time.</summary>
    public Task<JsonElement> SendOnceAsync(HttpMethod method, string path, JsonObject body, CancellationToken cancel) => SendAsync(method, path, body, null, maySendAgain: false, cancel);

    /// <summary>A text, such as CSV.</summary>
    public async Task<string> TextAsync(string path, CancellationToken cancel)
    {
        using var response = await AnswerAsync(HttpMethod.Get, path, null, null, maySendAgain: true, cancel);
        return await response.Content.ReadAsStringAsync(cancel);
    }

    /// <summary>A list, page by page, until there are enough.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path, int limit, CancellationToken cancel)
    {
        const int PageMax = 100;
        var (found, after) = (new List<JsonElement>(), "");
        do
        {
            var page = await GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={Math.Clamp(limit - found.Count, 1, PageMax)}{(after.Length == 0 ? "" : "&after=" + Uri.EscapeDataString(after))}", cancel);
            found.AddRange(page.GetProperty("data").EnumerateArray());
            after = page.GetProperty("next_cursor").GetString() ?? "";
        }
        while (after.Length > 0 && found.Count < limit);
        return found;
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonObject? body, string? idempotencyKey, bool maySendAgain, CancellationToken cancel)
    {
        using var response = await AnswerAsync(method, path, body, idempotencyKey, maySendAgain, cancel);
        try
        {
            using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancel));
            return document.RootElement.Clone();
        }
        catch (JsonException cause)
        {
            throw new CliException(ExitCode.Unavailable, $"{address} answered {path} with something else than JSON: is it the address of the service?", cause);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, string path, JsonObject? body, string? idempotencyKey, bool maySendAgain, CancellationToken cancel)
    {
        var token = await signIn.TokenAsync(cancel);
        for (var attempt = 1; ; attempt++)
        {
            var isLast = !maySendAgain || attempt == TriesMax;
            var response = await TryAsync(method, path, body, idempotencyKey, token, isLast, cancel);
            if (response is { IsSuccessStatusCode: true }) return response;
            if (response is not null && (isLast || response.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError))) throw await RefusalAsync(response, cancel);

            var wait = response?.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(attempt);
            response?.Dispose();
            await Task.Delay(wait < WaitMax ? wait : WaitMax, clock, cancel);
        }
    }

    /// <returns>Null if nobody answered, and it may be tried again.</returns>
    private async Task<HttpResponseMessage?> TryAsync(HttpMethod method, string path, JsonObject? body, string? idempotencyKey, string token, bool isLast, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            return await http.SendAsync(request, cancel);
        }
        catch (Exception cause) when (cause is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            if (!isLast) return null;
            var again = method == HttpMethod.Get ? "" : idempotencyKey is null ? " It may be done all the same: look before you send it again." : $" It may be done all the same: send it again with --idempotency-key {idempotencyKey}, and it is done once.";
            throw new CliException(ExitCode.Unavailable, $"{address} does not answer: {cause.Message}{again}", cause);
        }
    }

    private static async Task<CliException> RefusalAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using (response)
        {
            var (code, message) = Parse(await response.Content.ReadAsStringAsync(cancel));
            return response.StatusCode switch
            {
                HttpStatusCode.Unauthorized => new(ExitCode.NoAccess, $"{message} ({code}) The token is not for this service, or too old: compare --audience with the service's setting Operator:Audience, and sign in again with `az login`."),
                HttpStatusCode.Forbidden => new(ExitCode.NoAccess, $"{message} ({code}) Roles are given in Entra: Enterprise applications, the service's registration, Users and groups."),
                HttpStatusCode.NotFound when code == "endpoint_not_found" => new(ExitCode.Usage, $"{message} Is this the address of the service, and are its settings Operator:TenantId and Operator:Audience set? Without them it has no operator API; without Stripe's it has no billing."),
                >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests => new(ExitCode.Unavailable, $"{message} ({code})"),
                >= HttpStatusCode.BadRequest => new(ExitCode.Refused, $"{message} ({code})"),
                _ => new(ExitCode.Usage, $"the service sends callers elsewhere ({(int)response.StatusCode}, to {response.Headers.Location}): give that address with --url."),
            };
        }
    }

    private static (string Code, string Message) Parse(string body)
    {
        try
        {
            var error = JsonNode.Parse(body)?["error"];
            return ((string?)error?["code"] ?? "unknown", (string?)error?["message"] ?? "The service refused.");
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            return ("unknown", "What answered is not the service.");
        }
    }
}
