using Azure.Storage.Queues;
using ServerlessImages.Storage;

namespace ServerlessImages.Queues;

/// <summary>The clients of the queues. Their retries stay on: a message may come twice anyway.</summary>
internal static class AzureQueueClients
{
    public static QueueServiceClient Service(StorageOptions options)
    {
        // The Functions host expects base64. Source: learn.microsoft.com, "Azure Queue storage trigger for Azure Functions", "Encoding".
        var settings = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64, Diagnostics = { IsLoggingEnabled = false, IsTelemetryEnabled = false } };
        return string.IsNullOrWhiteSpace(options.ConnectionString)
            ? new QueueServiceClient(options.QueuesEndpoint, AzureStorageCredential.For(options), settings)
            : new QueueServiceClient(options.ConnectionString, settings);
    }
}
