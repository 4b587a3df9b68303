using System.Globalization;
using System.Text.Json;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>An error as Azure words it. Those of the gateway in front have only a code and a message; those of the model have a type too.</summary>
internal sealed record UpstreamError(int Status, string? Code, string Message, string? Type = null, string? Param = null)
{
    private const string InvalidRequest = "invalid_request_error";

    /// <summary>Sent as <c>retry-after</c>, in whole seconds.</summary>
    public int? RetryAfterSeconds { get; init; }

    public ModerationDetails? Moderation { get; init; }

    // The gateway's.
    public static UpstreamError ResourceNotFound { get; } = new(404, "404", "Resource not found");
    public static UpstreamError AccessDenied { get; } = new(401, "401", "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.");
    public static UpstreamError DeploymentNotFound { get; } = new(404, "DeploymentNotFound", "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.");
    public static UpstreamError TimedOut { get; } = new(408, "Timeout", "The operation was timeout.");
    public static UpstreamError Blocked { get; } = new(403, "Forbidden", "Your resource has been temporarily blocked because we detected behavior that may violate our content policy.");
    public static UpstreamError Unavailable { get; } = new(503, "ServiceUnavailable", "The service is temporarily unable to process your request. Please try again later.");
    public static UpstreamError RateLimited(int retryAfterSeconds) => new(429, "RateLimitReached", $"Your requests have exceeded the call rate limit of your current tier. Please retry after {retryAfterSeconds} seconds.") { RetryAfterSeconds = retryAfterSeconds };
    public static UpstreamError ContentFilter { get; } = new(200, "contentFilter", "Generated image was filtered as a result of our safety system.");

    // The model's.
    public static UpstreamError ServerFailed { get; } = new(500, "server_error", "The server had an error while processing your request. Sorry about that!", "server_error");
    public static UpstreamError Rejected { get; } = new(400, "invalid_value", "The request was rejected by the model.", InvalidRequest);
    public static UpstreamError NotJson { get; } = new(400, null, "We could not parse the JSON body of your request.", InvalidRequest);
    public static UpstreamError NotAForm { get; } = new(400, null, "We could not parse the multipart form of your request.", InvalidRequest);
    public static UpstreamError StreamingOneOnly { get; } = new(400, null, "Streaming is only supported with n=1.", InvalidRequest, "stream");
    public static UpstreamError UnknownModel(string model) => new(400, "invalid_value", $"Unknown model: '{model}'.", InvalidRequest, "model");
    public static UpstreamError UnknownParameter(string name) => new(400, "unknown_parameter", $"Unknown parameter: '{name}'.", InvalidRequest, name);
    public static UpstreamError Missing(string name) => new(400, "missing_required_parameter", $"Missing required parameter: '{name}'.", InvalidRequest, name);
    public static UpstreamError InvalidValue(string name, string expected) => new(400, "invalid_value", $"Invalid value for '{name}'. Expected {expected}.", InvalidRequest, name);
    public static UpstreamError InvalidFidelityModel(string model) => new(400, "invalid_input_fidelity_model", $"The model '{model}' does not support the 'input_fidelity' parameter.", InvalidRequest, "input_fidelity");
    public static UpstreamError InvalidImage(string name) => new(400, "invalid_image_file", "Invalid image file or mode for image, please check your image file.", InvalidRequest, name);

    /// <param name="stage"><c>input</c> (the prompt) or <c>output</c> (the picture).</param>
    public static UpstreamError Moderated(string stage) => new(
        400, "moderation_blocked", "Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID. safety_violations=[violence].", "image_generation_user_error")
    {
        Moderation = new ModerationDetails(stage, ["violence"]),
    };

    public async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = Status;
        if (RetryAfterSeconds is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var body = AnswerBody.Json(json =>
        {
            json.WriteStartObject();
            Write(json);
            json.WriteEndObject();
        });
        await AnswerBody.SendAsync(response, body, cancellationToken);
    }

    /// <summary>Writes the property <c>error</c> of the object that is open.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("error");
        json.WriteString("code", Code);
        json.WriteString("message", Message);
        if (Type is not null)
        {
            json.WriteString("param", Param);
            json.WriteString("type", Type);
        }

        if (Moderation is not null) WriteModeration(json, Moderation);
        json.WriteEndObject();
    }

    private static void WriteModeration(Utf8JsonWriter json, ModerationDetails details)
    {
        json.WriteStartObject("moderation_details");
        json.WriteString("moderation_stage", details.Stage);
        json.WriteStartArray("categories");
        foreach (var category in details.Categories) json.WriteStringValue(category);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
