using System.Text.RegularExpressions;
using ServerlessImages.Storage;
using ServerlessImages.Tables;

namespace ServerlessImages.Tests.Storage;

/// <summary>What the caller of Azure Tables is told when the service did its work and the answer was lost.</summary>
public sealed partial class AzureTableFaultTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string partition = "a_" + Guid.NewGuid().ToString("N");
    private UnreliableProxy proxy = null!;
    private string connection = "";
    private AzureTableStore store = null!;

    public static TheoryData<string> Faults => ["connection dropped", "500", "503", "408", "no answer", "garbled answer", "answer cut short"];

    public async ValueTask InitializeAsync()
    {
        var direct = await azurite.StorageAsync();
        var tables = TableEndpoint().Match(direct.ConnectionString!).Groups["address"].Value;
        proxy = await UnreliableProxy.StartAsync(new Uri(tables), Cancel);
        connection = direct.ConnectionString!.Replace(tables, proxy.Address, StringComparison.Ordinal);
        store = Store(new StorageOptions().TablesTimeout);

        // On a connection that was used before: that is where a transport might send again by itself.
        await store.CommitAsync(TableNames.Ledger, partition, [RowWrite.Insert("before", [])], Cancel);
        proxy.Requests = 0;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_write_whose_answer_was_lost_is_sent_once_and_its_fate_is_unknown(string fault)
    {
        Arrange(fault);

        await Assert.ThrowsAsync<WriteFateUnknownException>(async () => await InsertAsync("B"));

        Assert.Equal(1, proxy.Requests);
        proxy.Fault = null;
        Assert.NotNull(await store.FindAsync(TableNames.Ledger, partition, "B", Cancel));
    }

    [Fact]
    public async Task A_write_that_was_cancelled_after_it_was_sent_is_of_unknown_fate()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        proxy.Fault = async context =>
        {
            await caller.CancelAsync();
            await ProxyFaults.UntilAborted(context);
        };

        await Assert.ThrowsAsync<WriteFateUnknownException>(async () => await store.CommitAsync(TableNames.Ledger, partition, [RowWrite.Insert("B", [])], caller.Token));

        Assert.Equal(1, proxy.Requests);
    }

    [Fact]
    public async Task A_write_to_nobody_is_of_unknown_fate()
    {
        await proxy.DisposeAsync();

        await Assert.ThrowsAsync<WriteFateUnknownException>(async () => await InsertAsync("B"));
    }

    [Fact]
    public async Task A_read_is_tried_again()
    {
        proxy.Fault = context =>
        {
            if (proxy.Requests == 2) proxy.Fault = null;
            return ProxyFaults.RefuseAsync(context, 503);
        };

        Assert.NotNull(await store.FindAsync(TableNames.Ledger, partition, "before", Cancel));

        Assert.Equal(3, proxy.Requests);
    }

    [Theory]
    [InlineData("connection dropped"), InlineData("500"), InlineData("403"), InlineData("garbled answer"), InlineData("no answer")]
    public async Task A_read_that_is_not_answered_is_a_store_that_cannot_be_asked(string fault)
    {
        Arrange(fault);

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FindAsync(TableNames.Ledger, partition, "before", Cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.RangeAsync(TableNames.Ledger, partition, "a", "c", 10, Cancel));
    }

    [Fact]
    public async Task A_read_that_its_caller_cancelled_is_cancelled()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        proxy.Fault = async context =>
        {
            await caller.CancelAsync();
            await ProxyFaults.UntilAborted(context);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.FindAsync(TableNames.Ledger, partition, "before", caller.Token));
    }

    public async ValueTask DisposeAsync() => await proxy.DisposeAsync();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AzureTableStore Store(TimeSpan timeout)
    {
        var options = new StorageOptions { ConnectionString = connection, TablesTimeout = timeout };
        return new AzureTableStore(AzureTableClients.ForWrites(options), AzureTableClients.ForReads(options));
    }

    private void Arrange(string fault)
    {
        proxy.Fault = ProxyFaults.Named(fault);
        if (fault == "no answer") store = Store(TimeSpan.FromSeconds(1));
    }

    private Task<CommitResult> InsertAsync(string key) => store.CommitAsync(TableNames.Ledger, partition, [RowWrite.Insert(key, new() { { "Value", 1 } })], Cancel);

    [GeneratedRegex("TableEndpoint=(?<address>http://[0-9.:]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TableEndpoint();
}
