using Microsoft.Data.Sqlite;
using ServerlessImages.Sqlite;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class SqliteTableStoreTests : TableStoreContract, IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private SqliteTableStore store;

    public SqliteTableStoreTests() => store = Open();

    private protected override Task<ITableStore> StoreAsync() => Task.FromResult<ITableStore>(store);

    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        var written = await InsertAsync("B", 7);

        await ReopenAsync();

        Assert.Equal(new Row("p", "B", new() { { "Value", 7 } }, written), await FindAsync("B"));
    }

    [Fact]
    public async Task A_version_never_comes_back_after_reopening()
    {
        var first = await InsertAsync("B", 1);
        await store.CommitAsync("ledger", "p", [RowWrite.Delete("B", first)], Cancel);

        await ReopenAsync();

        Assert.NotEqual(first, await InsertAsync("B", 1));
    }

    [Fact]
    public async Task A_commit_is_in_the_file_before_it_is_answered()
    {
        await InsertAsync("B", 7);

        // What a process finds after this one was killed: the files as they are now.
        var copy = Path.Combine(folder.Path, "copy.db");
        File.Copy(Database, copy);
        File.Copy(Database + "-wal", copy + "-wal");
        await using var survivor = new SqliteTableStore(copy);

        Assert.Equal(7, (await survivor.FindAsync("ledger", "p", "B", Cancel))?.Columns.Integer("Value"));
    }

    [Fact]
    public async Task Commits_take_effect_in_the_order_in_which_they_were_handed_over()
    {
        var commits = Enumerable.Range(1, 500).Select(number => store.CommitAsync("ledger", "p", [RowWrite.Upsert("B", new() { { "Value", number } })], Cancel)).ToList();

        var versions = (await Task.WhenAll(commits)).Select(result => long.Parse(result.ETags[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(versions.Order(), versions);
        Assert.Equal(500, (await FindAsync("B"))?.Columns.Integer("Value"));
    }

    [Fact]
    public void A_second_opener_is_told_that_the_file_is_in_use()
    {
        var refused = Assert.Throws<InvalidOperationException>(Open);

        Assert.Contains("already in use by another process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_the_disk_fails_is_of_unknown_fate_and_the_store_goes_on()
    {
        await Sql("CREATE TRIGGER broken BEFORE INSERT ON rows WHEN NEW.rk = 'unlucky' BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END");

        await Assert.ThrowsAsync<WriteFateUnknownException>(() => InsertAsync("unlucky", 1));

        Assert.Null(await FindAsync("unlucky"));
        await InsertAsync("B", 7);
        Assert.Equal(7, (await FindAsync("B"))?.Columns.Integer("Value"));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_store_that_cannot_be_asked()
    {
        await Sql("DROP TABLE rows");

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await FindAsync("B"));
    }

    [Fact]
    public async Task Closing_finishes_what_was_handed_over_and_refuses_what_comes_later()
    {
        var handedOver = Enumerable.Range(1, 300).Select(number => InsertAsync($"L|{number}", number)).ToList();

        await store.DisposeAsync();

        Assert.Distinct(await Task.WhenAll(handedOver));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => InsertAsync("late", 1));
        Assert.False(File.Exists(Database + "-wal"), "The log is in the file.");
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        folder.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(folder.Path, "tables.db");

    private SqliteTableStore Open() => new(Database);

    private async Task Sql(string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task ReopenAsync()
    {
        await store.DisposeAsync();
        store = Open();
    }

    private async Task<string> InsertAsync(string key, long value) =>
        (await store.CommitAsync("ledger", "p", [RowWrite.Insert(key, new() { { "Value", value } })], Cancel)).ETags[0];

    private Task<Row?> FindAsync(string key) => store.FindAsync("ledger", "p", key, Cancel);
}
