using ServerlessImages.Images;
namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>What the gateway in front of the model looks at: the key, the path and the <c>api-version</c>.</summary>
internal static class CallAddress
{
    private const string ApiVersionName = "api-version";

    /// <summary>Dated versions that generate but do not edit: azure-sdk-for-net #49697.</summary>
    private static readonly HashSet<string> VersionsWithoutEdits = ["2024-02-01", "2024-06-01", "2024-10-21"];

    public static UpstreamError? Refusal(HttpRequest request, ImageOperation operation, string? deployment)
    {
        if (!HasApiKey(request) && !HasBearer(request)) return UpstreamError.AccessDenied;
        if (deployment is null) return null;
        if (ApiVersion(request) is not { } version) return UpstreamError.ResourceNotFound;
        return operation == ImageOperation.Edit && VersionsWithoutEdits.Contains(version) ? UpstreamError.ResourceNotFound : null;
    }

    public static ReceivedCall Describe(HttpRequest request, ImageOperation operation, CallBody body) =>
        new(operation, request.Path, ApiVersion(request), HasApiKey(request), HasBearer(request), body.Fields, [.. body.Files.Select(Describe)]);

    private static ReceivedFile Describe(CallFile file) =>
        new(file.Name, file.Bytes.Length, PictureHeader.TryRead(file.Bytes.Span, out _, out var size) ? size : null);

    private static string? ApiVersion(HttpRequest request) => request.Query[ApiVersionName] is [{ Length: > 0 } version, ..] ? version : null;

    private static bool HasApiKey(HttpRequest request) => request.Headers["api-key"] is [{ Length: > 0 }, ..];

    private static bool HasBearer(HttpRequest request) =>
        request.Headers.Authorization is [{ } value, ..] && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && value.Length > "Bearer ".Length;
}
