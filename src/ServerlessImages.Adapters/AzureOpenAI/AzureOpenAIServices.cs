using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServerlessImages.Deployments;

namespace ServerlessImages.AzureOpenAI;

public static class AzureOpenAIServices
{
    /// <summary>The image deployments on Azure OpenAI, from the section <see cref="AzureOpenAIOptions.Section"/>. An invalid configuration fails the start.</summary>
    public static IServiceCollection AddAzureOpenAI(this IServiceCollection services)
    {
        services.AddOptions<AzureOpenAIOptions>().BindConfiguration(AzureOpenAIOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AzureOpenAIOptions>, AzureOpenAIOptionsCheck>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IImageDeployments>(provider => new AzureOpenAIDeployments(
            provider.GetRequiredService<IOptions<AzureOpenAIOptions>>().Value,
            Credential,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AzureOpenAIDeployments>>()));
        return services;
    }

    private static TokenCredential Credential(AzureOpenAIDeploymentOptions deployment) =>
        deployment.ManagedIdentityClientId is { Length: > 0 } clientId
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
            : new DefaultAzureCredential();
}
