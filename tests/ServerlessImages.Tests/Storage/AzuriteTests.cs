using Azure.Storage.Blobs;
using ServerlessImages.Local;

namespace ServerlessImages.Tests.Storage;

public sealed class AzuriteTests
{
    [Fact]
    public async Task Two_emulators_run_beside_each_other_and_each_ends_with_its_handle()
    {
        await using var first = await StartAsync(dataFolder: null);
        var second = await StartAsync(dataFolder: null);
        await using (second)
        {
            await Container(second).CreateAsync(cancellationToken: Cancel);
            Assert.False(await Container(first).ExistsAsync(Cancel));
        }

        await Assert.ThrowsAnyAsync<Exception>(async () => await Container(second).ExistsAsync(Cancel));
        Assert.False(await Container(first).ExistsAsync(Cancel));
    }

    [Fact]
    public async Task The_data_is_kept_in_the_folder_that_was_named()
    {
        using var folder = new TemporaryFolder();
        await using var azurite = await StartAsync(folder.Path);

        await Container(azurite).CreateAsync(cancellationToken: Cancel);

        Assert.NotEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<Azurite> StartAsync(string? dataFolder) =>
        Azurite.StartAsync(new AzuriteOptions { InstallFolder = AzuriteFixture.InstallFolder, DataFolder = dataFolder }, Cancel);

    private static BlobContainerClient Container(Azurite azurite) => new(azurite.ConnectionString, "results", new BlobClientOptions { Retry = { MaxRetries = 0 } });
}
