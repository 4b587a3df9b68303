using System.Text.Json;

namespace ServerlessImages.Tests.Clients;

/// <summary>What a client made of one call: an answer with its images, or events, or an error of its own kind; and all that it sent.</summary>
/// <param name="Answer">The client's own result, without its images.</param>
/// <param name="RequestId">As the client read it from the headers, or null where it does not show them.</param>
internal sealed record ClientReport(JsonElement Answer, SeenImage[]? Images, ClientEvent[]? Events, ClientError? Error, string? RequestId, SentRequest[] Requests)
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}

/// <param name="Width">From the PNG's header.</param>
internal sealed record SeenImage(int Bytes, int Width, int Height, string Sha256);

internal sealed record ClientEvent(string Type, string? Id, JsonElement Usage, JsonElement Cost, SeenImage Image);

/// <param name="Class">The name of the error's class, on which customers' code decides.</param>
internal sealed record ClientError(string Class, int? Status, string? Code, string? Type, string? Param);

internal sealed record SentRequest(string Url, JsonElement Body);
