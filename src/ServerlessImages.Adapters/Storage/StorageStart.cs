using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerlessImages.Blobs;
using ServerlessImages.Queues;
using ServerlessImages.Tables;

namespace ServerlessImages.Storage;

/// <summary>Opens the stores before anything else starts: a file in use or a wrong address ends the start, not the first request.</summary>
internal sealed class StorageStart(IServiceProvider provider, IOptions<StorageOptions> options) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        provider.GetRequiredService<ITableStore>();
        provider.GetRequiredService<IBlobStore>();
        provider.GetRequiredService<IWorkQueue>();
        if (options.Value is { Kind: StorageKind.Azure, CreateMissing: true }) await CreateMissingAsync(options.Value, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task CreateMissingAsync(StorageOptions options, CancellationToken cancel)
    {
        var tables = AzureTableClients.ForReads(options);
        foreach (var table in TableNames.All) await tables.CreateTableIfNotExistsAsync(table, cancel);
        await AzureBlobClients.Results(options).CreateIfNotExistsAsync(cancellationToken: cancel);
        var queues = AzureQueueClients.Service(options);
        foreach (var queue in QueueNames.All) await queues.GetQueueClient(queue).CreateIfNotExistsAsync(cancellationToken: cancel);
    }
}
