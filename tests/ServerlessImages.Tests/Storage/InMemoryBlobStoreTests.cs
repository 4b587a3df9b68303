using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class InMemoryBlobStoreTests : BlobStoreContract
{
    private readonly InMemoryBlobStore store = new();

    private protected override Task<IBlobStore> StoreAsync() => Task.FromResult<IBlobStore>(store);
}
