using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Pages;

namespace ServerlessImages.Api.Http;

/// <summary>How errors look on the wire: OpenAI's shape, with our request id and a link to the code's explanation; and a page for whoever came with a browser.</summary>
internal sealed partial class ErrorWriter(IOptions<SiteOptions> site, ILogger<ErrorWriter> logger)
{
    private const string Docs = "/docs/errors#";

    /// <summary>People read messages in a terminal: quotes stay quotes. It is JSON and never sniffed for HTML.</summary>
    public static JsonWriterOptions Readable { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The only table of statuses and types.</summary>
    public static (int Status, string Type) Wire(ApiErrorKind kind) => kind switch
    {
        ApiErrorKind.InvalidRequest => (400, "invalid_request_error"),
        ApiErrorKind.NotFound => (404, "invalid_request_error"),
        ApiErrorKind.MethodNotAllowed => (405, "invalid_request_error"),
        ApiErrorKind.Gone => (410, "invalid_request_error"),
        ApiErrorKind.TooLarge => (413, "invalid_request_error"),
        ApiErrorKind.Conflict => (409, "invalid_request_error"),
        ApiErrorKind.Unprocessable => (422, "invalid_request_error"),
        ApiErrorKind.StillRunning => (424, "invalid_request_error"),
        ApiErrorKind.Authentication => (401, "authentication_error"),
        ApiErrorKind.Permission => (403, "permission_error"),
        ApiErrorKind.InsufficientQuota => (402, "insufficient_quota"),
        ApiErrorKind.Pace => (429, "rate_limit_error"),
        ApiErrorKind.Content => (400, "image_generation_user_error"),
        ApiErrorKind.Upstream => (502, "upstream_error"),
        ApiErrorKind.UpstreamUnavailable => (503, "upstream_error"),
        ApiErrorKind.Unavailable => (503, "server_error"),
        ApiErrorKind.Server => (500, "server_error"),
        _ => throw new UnreachableException(),
    };

    public async Task WriteAsync(HttpContext http, ApiError error)
    {
        var call = http.Call();
        call.ErrorCode = error.Code;
        Log.Refused(logger, call.RequestId, call.Who.Account, call.Who.KeyId, error.Code, error.Cause);
        var response = http.Response;
        // What the answer that failed had promised.
        response.ContentLength = null;
        response.Headers.Remove("Content-Disposition");
        response.StatusCode = Wire(error.Kind).Status;
        response.Headers["x-should-retry"] = error.Retryable ? "true" : "false";
        if (error.RetryAfter is { } retryAfter) response.Headers.RetryAfter = Seconds(retryAfter);
        if (error.Pace is { } pace) PaceHeaders.AddTo(response, pace);
        if (error.Kind == ApiErrorKind.StillRunning) response.Headers.Location = Url($"/v1/requests/{call.RequestId}");
        if (error.Kind == ApiErrorKind.Authentication) response.Headers.WWWAuthenticate = "Bearer";

        if (IsPage.Of(http)) await ErrorPages.WriteAsync(http, error, response.StatusCode);
        else await WriteJsonAsync(response, error, call.RequestId);
    }

    /// <summary>The members of an error object, for a body of its own or for an event in a stream.</summary>
    public void WriteTo(Utf8JsonWriter json, ApiError error, string requestId)
    {
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", Wire(error.Kind).Type);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Code);
        if (error.Details.Count > 0) WriteDetails(json, error.Details);
        if (error.Moderation is { } moderation) WriteModeration(json, moderation);
        json.WriteEndObject();
        json.WriteString("request_id", requestId);
        json.WriteString("doc_url", Url(Docs + error.Code));
    }

    private async Task WriteJsonAsync(HttpResponse response, ApiError error, string requestId)
    {
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter, Readable);
        json.WriteStartObject();
        WriteTo(json, error, requestId);
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, IReadOnlyDictionary<string, string> details)
    {
        json.WriteStartObject("details");
        foreach (var (name, value) in details) json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static void WriteModeration(Utf8JsonWriter json, ModerationDetails moderation)
    {
        json.WriteStartObject("moderation_details");
        json.WriteString("moderation_stage", moderation.Stage);
        json.WriteStartArray("categories");
        foreach (var category in moderation.Categories) json.WriteStringValue(category);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Whole seconds, rounded up: a client that waits this long is not too early.</summary>
    private static string Seconds(TimeSpan time) => ((long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    private string Url(string path) => new Uri(site.Value.PublicUrl!, path).AbsoluteUri;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{RequestId} of {Account} with key {KeyId} was refused: {Code}. {Cause}")]
        public static partial void Refused(ILogger logger, string requestId, string account, string keyId, string code, string? cause);
    }
}
