using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessImages.Local;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Storage;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace ServerlessImages.Tests.Storage;

/// <summary>One Azurite for the whole run, started by the first test that needs it.</summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    internal static readonly string InstallFolder = UserCache.Folder("azurite-3.37.0");

    private readonly Lazy<Task<Azurite>> azurite = new(StartAsync);

    /// <summary>With all tables, queues and the container made.</summary>
    public async Task<StorageOptions> StorageAsync() => new() { ConnectionString = (await azurite.Value).ConnectionString };

    public async ValueTask DisposeAsync()
    {
        if (azurite.IsValueCreated) await (await azurite.Value).DisposeAsync();
    }

    private static async Task<Azurite> StartAsync()
    {
        // Not the first test's token: all others wait for this too.
        var started = await Azurite.StartAsync(new AzuriteOptions { InstallFolder = InstallFolder }, CancellationToken.None);
        var tables = new TableServiceClient(started.ConnectionString);
        foreach (var table in TableNames.All) await tables.CreateTableIfNotExistsAsync(table);
        await new BlobContainerClient(started.ConnectionString, new StorageOptions().ResultsContainer).CreateIfNotExistsAsync();
        foreach (var queue in QueueNames.All) await new QueueClient(started.ConnectionString, queue).CreateIfNotExistsAsync();
        return started;
    }
}
