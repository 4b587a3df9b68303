using System.ComponentModel.DataAnnotations;
using Azure.Data.Tables;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class StorageRegistrationTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task The_embedded_store_keeps_its_rows_and_blobs_from_one_start_to_the_next()
    {
        using var folder = new TemporaryFolder();
        string[] settings = ["Storage:Kind=Embedded", $"Storage:Folder={Path.Combine(folder.Path, "data")}"];
        await using (var first = await StartAsync(settings))
        {
            await first.Tables.CommitAsync(TableNames.Ledger, "a_1", [RowWrite.Insert("B", [])], Cancel);
            await first.Blobs.PutAsync("r/image", new byte[1], "image/png", "note", Cancel);
        }

        await using var second = await StartAsync(settings);

        Assert.NotNull(await second.Tables.FindAsync(TableNames.Ledger, "a_1", "B", Cancel));
        Assert.Equal("note", await second.Blobs.FindNoteAsync("r/image", Cancel));
    }

    [Fact]
    public async Task A_second_app_on_the_same_folder_does_not_start()
    {
        using var folder = new TemporaryFolder();
        string[] settings = ["Storage:Kind=Embedded", $"Storage:Folder={folder.Path}"];
        await using var first = await StartAsync(settings);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(settings));

        Assert.Contains("already in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_tables_queues_and_the_container_are_created_when_asked_for()
    {
        var connection = (await azurite.StorageAsync()).ConnectionString;
        var container = "c" + Guid.NewGuid().ToString("N");

        await using var app = await StartAsync($"Storage:ConnectionString={connection}", "Storage:CreateMissing=true", $"Storage:ResultsContainer={container}");

        Assert.True(await app.Blobs.PutAsync("image", new byte[1], "image/png", "note", Cancel));
        var tables = new TableServiceClient(connection).Query(cancellationToken: Cancel).Select(table => table.Name).ToList();
        Assert.Subset(tables.ToHashSet(StringComparer.Ordinal), TableNames.All.ToHashSet(StringComparer.Ordinal));
        foreach (var queue in QueueNames.All) await app.Queues.SendAsync(queue, "a message", TimeSpan.FromDays(1), Cancel);
    }

    [Fact]
    public async Task The_limits_of_azure_hold_on_the_embedded_store_too()
    {
        using var folder = new TemporaryFolder();
        await using var app = await StartAsync("Storage:Kind=Embedded", $"Storage:Folder={folder.Path}");

        await Assert.ThrowsAsync<ArgumentException>(async () => await app.Tables.CommitAsync(TableNames.Ledger, "a_1", [RowWrite.Insert("a/b", [])], Cancel));
    }

    [Theory]
    [InlineData("Storage needs either"), InlineData("belong together", "Storage:TablesEndpoint=https://x"), InlineData("Storage:Folder", "Storage:Kind=Embedded")]
    [InlineData("Storage needs either", "Storage:TablesEndpoint=https://x", "Storage:BlobsEndpoint=https://y", "Storage:QueuesEndpoint=https://z", "Storage:ConnectionString=UseDevelopmentStorage=true")]
    [InlineData("ResultsContainer", "Storage:ConnectionString=UseDevelopmentStorage=true", "Storage:ResultsContainer=No_Such")]
    [InlineData("TablesTimeout", "Storage:ConnectionString=UseDevelopmentStorage=true", "Storage:TablesTimeout=00:00:00")]
    public async Task A_wrong_setting_ends_the_start_and_is_named(string named, params string[] settings)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(settings));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc", true), InlineData("a-b-c", true), InlineData("ab", false), InlineData("-abc", false), InlineData("abc-", false), InlineData("a--b", false), InlineData("Abc", false)]
    [InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-123", true), InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-1234", false)]
    public void A_container_has_a_name_that_Azure_takes(string name, bool isTaken)
    {
        var options = new StorageOptions { ConnectionString = "UseDevelopmentStorage=true", ResultsContainer = name };

        Assert.Equal(isTaken, Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }

    [Fact]
    public async Task Endpoints_are_opened_with_the_identity_of_the_app()
    {
        await using var app = await StartAsync("Storage:TablesEndpoint=https://x.table.core.windows.net", "Storage:BlobsEndpoint=https://x.blob.core.windows.net", "Storage:QueuesEndpoint=https://x.queue.core.windows.net", "Storage:ManagedIdentityClientId=5c3c8f0e-6f0f-4d3e-9a54-2f4a3f1c9b10");

        Assert.NotNull(app.Tables);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<StartedApp> StartAsync(params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])));
        builder.Services.AddStorage();
        var app = new StartedApp(builder.Build());
        try
        {
            await app.Host.StartAsync(Cancel);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private sealed record StartedApp(IHost Host) : IAsyncDisposable
    {
        public ITableStore Tables => Host.Services.GetRequiredService<ITableStore>();
        public IWorkQueue Queues => Host.Services.GetRequiredService<IWorkQueue>();
        public IBlobStore Blobs => Host.Services.GetRequiredService<IBlobStore>();

        public ValueTask DisposeAsync() => ((IAsyncDisposable)Host).DisposeAsync();
    }
}
