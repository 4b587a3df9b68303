using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class InMemoryTableStoreTests : TableStoreContract
{
    private readonly InMemoryTableStore store = new();

    private protected override Task<ITableStore> StoreAsync() => Task.FromResult<ITableStore>(store);
}
