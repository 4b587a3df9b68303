using ServerlessImages.Storage;
using ServerlessImages.Tables;

namespace ServerlessImages.Tests.Storage;

public sealed class AzureTableStoreTests(AzuriteFixture azurite) : TableStoreContract
{
    private AzureTableStore? store;

    private protected override async Task<ITableStore> StoreAsync()
    {
        if (store is not null) return store;
        var options = await azurite.StorageAsync();
        return store = new AzureTableStore(AzureTableClients.ForWrites(options), AzureTableClients.ForReads(options));
    }

    [Fact]
    public async Task A_missing_table_is_neither_a_missing_row_nor_a_refusal()
    {
        var tables = await StoreAsync();
        var cancel = TestContext.Current.CancellationToken;

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await tables.FindAsync("absent", "p", "B", cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await tables.RangeAsync("absent", "p", "A", "C", 1, cancel));
        var fault = await Record.ExceptionAsync(async () => await tables.CommitAsync("absent", "p", [RowWrite.Insert("B", [])], cancel));
        Assert.Equal("TableNotFound", Assert.IsType<Azure.RequestFailedException>(fault, exactMatch: false).ErrorCode);
    }

    [Fact]
    public async Task A_write_that_the_service_calls_malformed_is_a_fault_and_not_an_unknown_fate()
    {
        var tables = await StoreAsync();

        var fault = await Record.ExceptionAsync(async () => await tables.CommitAsync(TableNames.Ledger, "p", [RowWrite.Insert("a/b?", [])], TestContext.Current.CancellationToken));

        Assert.Equal(400, Assert.IsType<Azure.RequestFailedException>(fault, exactMatch: false).Status);
    }
}
