using Microsoft.AspNetCore.Http;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

/// <summary>Answers of Azure OpenAI, as bytes on the wire.</summary>
internal static class Answers
{
    /// <summary>The bytes 1, 2, 3.</summary>
    public const string Image = "AQID";

    /// <summary>The bytes 9, 9.</summary>
    public const string Partial = "CQk=";

    public const string Usage = """{"input_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens":196,"total_tokens":246}""";

    public static string PartialEvent(int index, string image = Partial) =>
        $"event: image_generation.partial_image\ndata: {{\"type\":\"image_generation.partial_image\",\"b64_json\":\"{image}\",\"partial_image_index\":{index}}}\n\n";

    public static string CompletedEvent(string image = Image, string usage = Usage) =>
        $"event: image_generation.completed\ndata: {{\"type\":\"image_generation.completed\",\"b64_json\":\"{image}\",\"quality\":\"medium\",\"background\":\"opaque\",\"usage\":{usage}}}\n\n";

    public static string Plain(params string[] images) =>
        $"{{\"created\":1764000000,\"data\":[{string.Join(',', images.Select(image => $"{{\"b64_json\":\"{image}\"}}"))}],\"usage\":{Usage}}}";

    public static string Error(string code, string type = "invalid_request_error", string message = "no", string more = "") =>
        $"{{\"error\":{{\"message\":\"{message}\",\"type\":\"{type}\",\"param\":null,\"code\":\"{code}\"{more}}}}}";

    public static RequestDelegate Json(string body, int status = 200, params (string Name, string Value)[] headers) =>
        context => SendAsync(context, body, "application/json", status, headers);

    public static RequestDelegate Events(params string[] events) =>
        context => SendAsync(context, string.Concat(events), "text/event-stream; charset=utf-8", 200, []);

    /// <summary>Sends one part of a stream at once.</summary>
    public static async Task SendEventAsync(this HttpContext context, string text)
    {
        if (!context.Response.HasStarted) context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task SendAsync(HttpContext context, string body, string contentType, int status, (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        await context.Response.WriteAsync(body, context.RequestAborted);
    }
}
