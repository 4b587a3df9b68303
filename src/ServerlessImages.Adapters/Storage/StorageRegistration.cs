using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessImages.Blobs;
using ServerlessImages.Files;
using ServerlessImages.Queues;
using ServerlessImages.Sqlite;
using ServerlessImages.Tables;

namespace ServerlessImages.Storage;

public static class StorageRegistration
{
    /// <summary>Registers <see cref="ITableStore"/>, checked by <see cref="StoreLimits"/>, and <see cref="IBlobStore"/>, both metered, and <see cref="IWorkQueue"/>, as <see cref="StorageOptions"/> says.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        // Services of their own, so that the container closes the file and ends the threads.
        services.AddSingleton(provider => new SqliteTableStore(Path.Combine(Options(provider).Folder!, "tables.db")));
        services.AddSingleton(provider => new FolderBlobStore(Path.Combine(Options(provider).Folder!, "results")));
        services.AddSingleton<ITableStore>(provider => new StoreLimits(new MeteredTableStore(TableStore(provider))));
        services.AddSingleton<IBlobStore>(provider => new MeteredBlobStore(BlobStore(provider)));
        services.AddSingleton(WorkQueue);
        return services.AddHostedService<StorageStart>();
    }

    private static ITableStore TableStore(IServiceProvider provider) => Options(provider) is { Kind: StorageKind.Azure } options
        ? new AzureTableStore(AzureTableClients.ForWrites(options), AzureTableClients.ForReads(options))
        : provider.GetRequiredService<SqliteTableStore>();

    private static IBlobStore BlobStore(IServiceProvider provider) => Options(provider) is { Kind: StorageKind.Azure } options
        ? new AzureBlobStore(AzureBlobClients.Results(options))
        : provider.GetRequiredService<FolderBlobStore>();

    private static IWorkQueue WorkQueue(IServiceProvider provider) => Options(provider) is { Kind: StorageKind.Azure } options
        ? new AzureWorkQueue(AzureQueueClients.Service(options), Clock(provider))
        : new InProcessWorkQueue(Clock(provider));

    private static TimeProvider Clock(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static StorageOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<StorageOptions>>().Value;
}
