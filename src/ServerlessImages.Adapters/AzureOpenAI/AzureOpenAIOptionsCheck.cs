using Microsoft.Extensions.Options;

namespace ServerlessImages.AzureOpenAI;

/// <summary>What the attributes cannot say: names are unique, and a key or token only ever travels encrypted or not at all.</summary>
internal sealed class AzureOpenAIOptionsCheck : IValidateOptions<AzureOpenAIOptions>
{
    public ValidateOptionsResult Validate(string? name, AzureOpenAIOptions options)
    {
        var failures = options.Deployments.SelectMany(Failures).Concat(RepeatedNames(options)).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(AzureOpenAIDeploymentOptions deployment)
    {
        // A missing endpoint has been said by its attribute.
        if (deployment.Endpoint is { } endpoint && !IsAllowed(endpoint)) yield return $"{Named(deployment)}: Endpoint must be an absolute https address (http on loopback only) without user, query or fragment.";
        if (deployment.Endpoint is { IsAbsoluteUri: true } address && EndsWithRoute(address)) yield return $"{Named(deployment)}: Endpoint must end before /openai; the Route adds the rest.";
        if (deployment is { ApiKey.Length: > 0, ManagedIdentityClientId.Length: > 0 }) yield return $"{Named(deployment)}: ApiKey and ManagedIdentityClientId exclude each other.";
    }

    private static IEnumerable<string> RepeatedNames(AzureOpenAIOptions options) =>
        options.Deployments.GroupBy(deployment => deployment.Name, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Key.Length > 0 && group.Count() > 1)
            .Select(group => $"AzureOpenAI:Deployments has the name '{group.Key}' more than once.");

    private static bool IsAllowed(Uri endpoint) =>
        endpoint.IsAbsoluteUri
        && (endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback))
        && endpoint.UserInfo.Length == 0 && endpoint.Query.Length == 0 && endpoint.Fragment.Length == 0;

    private static bool EndsWithRoute(Uri endpoint) => endpoint.AbsolutePath.Contains("/openai/", StringComparison.OrdinalIgnoreCase) || endpoint.AbsolutePath.EndsWith("/openai", StringComparison.OrdinalIgnoreCase);

    private static string Named(AzureOpenAIDeploymentOptions deployment) => $"AzureOpenAI deployment '{deployment.Name}'";
}
