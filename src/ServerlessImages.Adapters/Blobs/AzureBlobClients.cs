using Azure.Storage.Blobs;
using ServerlessImages.Storage;

namespace ServerlessImages.Blobs;

/// <summary>The client of the container. Its retries stay on: repeating a put, a read or a delete changes nothing.</summary>
internal static class AzureBlobClients
{
    public static BlobContainerClient Results(StorageOptions options)
    {
        // Addresses hold account names and request ids; the store's callers log what matters.
        var settings = new BlobClientOptions { Diagnostics = { IsLoggingEnabled = false, IsTelemetryEnabled = false } };
        var service = string.IsNullOrWhiteSpace(options.ConnectionString)
            ? new BlobServiceClient(options.BlobsEndpoint, AzureStorageCredential.For(options), settings)
            : new BlobServiceClient(options.ConnectionString, settings);
        return service.GetBlobContainerClient(options.ResultsContainer);
    }
}
