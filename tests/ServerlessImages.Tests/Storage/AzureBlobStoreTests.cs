using ServerlessImages.Blobs;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class AzureBlobStoreTests(AzuriteFixture azurite) : BlobStoreContract
{
    private AzureBlobStore? store;

    private protected override async Task<IBlobStore> StoreAsync() => store ??= new AzureBlobStore(AzureBlobClients.Results(await azurite.StorageAsync()));

    [Fact]
    public async Task A_missing_container_is_a_store_that_cannot_be_asked()
    {
        var options = await azurite.StorageAsync();
        var blobs = new AzureBlobStore(AzureBlobClients.Results(new StorageOptions { ConnectionString = options.ConnectionString, ResultsContainer = "absent" }));
        var cancel = TestContext.Current.CancellationToken;

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await blobs.FindNoteAsync("image", cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await blobs.OpenAsync("image", cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await blobs.PutAsync("image", new byte[1], "image/png", "", cancel));
    }
}
