using Azure.Core;
using Azure.Data.Tables;
using ServerlessImages.Storage;

namespace ServerlessImages.Tables;

/// <summary>Two clients of one account: a read may be tried again, a write never.</summary>
internal static class AzureTableClients
{
    /// <summary>No retries: a hidden second send turns "applied" into a refusal, and nobody could tell (Azure/azure-storage-java#35).</summary>
    public static TableServiceClient ForWrites(StorageOptions options) => Create(options, retries: 0);

    public static TableServiceClient ForReads(StorageOptions options) => Create(options, retries: 2);

    private static TableServiceClient Create(StorageOptions options, int retries)
    {
        var settings = new TableClientOptions
        {
            Retry = { MaxRetries = retries, Mode = RetryMode.Exponential, Delay = TimeSpan.FromMilliseconds(200), NetworkTimeout = options.TablesTimeout },

            // Addresses hold account names, partitions and keys of rows; the store's callers log what matters.
            Diagnostics = { IsLoggingEnabled = false, IsTelemetryEnabled = false },
        };
        return string.IsNullOrWhiteSpace(options.ConnectionString)
            ? new TableServiceClient(options.TablesEndpoint, AzureStorageCredential.For(options), settings)
            : new TableServiceClient(options.ConnectionString, settings);
    }
}
