namespace ServerlessImages.Api.Http;

/// <summary>Where the API stands: the same handlers for OpenAI's clients and for Azure's, whatever <c>api-version</c> those send.</summary>
internal static class ApiPrefix
{
    public static IReadOnlyList<string> Plain { get; } = ["/v1", "/openai/v1"];

    /// <summary>With those that name the model in the path, as Azure's older clients do.</summary>
    public static IReadOnlyList<string> WithModel { get; } = [.. Plain, "/openai/deployments/{model}", "/deployments/{model}"];
}
