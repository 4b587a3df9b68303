using Azure.Core;
using Azure.Identity;

namespace ServerlessImages.Storage;

/// <summary>Who the app is to Azure Storage when there is no connection string.</summary>
internal static class AzureStorageCredential
{
    public static TokenCredential For(StorageOptions options) => string.IsNullOrWhiteSpace(options.ManagedIdentityClientId)
        ? new DefaultAzureCredential()
        : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(options.ManagedIdentityClientId));
}
