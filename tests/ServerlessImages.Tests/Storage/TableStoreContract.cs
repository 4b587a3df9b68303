using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

/// <summary>What every table store promises about one row's write. Run on memory, SQLite and Azurite, so that none can drift.</summary>
public abstract partial class TableStoreContract
{
    private const string Table = TableNames.Ledger;

    // A partition of its own for every test: Azurite serves them all at once.
    private readonly string partition = "a_" + Guid.NewGuid().ToString("N");

    /// <summary>The store under test; the same one on every call within a test.</summary>
    private protected abstract Task<ITableStore> StoreAsync();

    [Fact]
    public async Task An_inserted_row_is_read_as_it_was_written()
    {
        var written = await CommitAsync(RowWrite.Insert("B", new() { { "Granted", 5 }, { "Token", "one" } }));

        var row = await FindAsync("B");

        Assert.Equal(new Row(partition, "B", new() { { "Granted", 5 }, { "Token", "one" } }, written.ETags[0]), row);
    }

    [Fact]
    public async Task A_row_that_was_never_written_is_not_found() => Assert.Null(await FindAsync("B"));

    [Fact]
    public async Task Inserting_over_a_row_is_refused()
    {
        await CommitAsync(RowWrite.Insert("B", Value(1)));

        var refused = await CommitAsync(RowWrite.Insert("B", Value(2)));

        AssertRefused(CommitRefusal.Exists, 0, refused);
        Assert.Equal(1, await ValueAsync("B"));
    }

    [Fact]
    public async Task Replacing_the_version_that_was_read_removes_the_columns_it_does_not_name()
    {
        var first = await CommitAsync(RowWrite.Insert("B", new() { { "Held", 1 }, { "Token", "one" } }));

        var second = await CommitAsync(RowWrite.Replace("B", new() { { "Settled", 2 } }, first.ETags[0]));

        Assert.Equal(new Row(partition, "B", new() { { "Settled", 2 } }, second.ETags[0]), await FindAsync("B"));
    }

    [Fact]
    public async Task Replacing_another_version_is_refused()
    {
        var first = await CommitAsync(RowWrite.Insert("B", Value(1)));
        await CommitAsync(RowWrite.Replace("B", Value(2), first.ETags[0]));

        var refused = await CommitAsync(RowWrite.Replace("B", Value(3), first.ETags[0]));

        AssertRefused(CommitRefusal.Changed, 0, refused);
        Assert.Equal(2, await ValueAsync("B"));
    }

    [Fact]
    public async Task Replacing_a_missing_row_is_refused()
    {
        var etag = await DeletedETagAsync("B");

        AssertRefused(CommitRefusal.Missing, 0, await CommitAsync(RowWrite.Replace("B", Value(2), etag)));
        Assert.Null(await FindAsync("B"));
    }

    [Fact]
    public async Task Deleting_the_version_that_was_read_removes_the_row()
    {
        var written = await CommitAsync(RowWrite.Insert("H|1", Value(1)));

        var deleted = await CommitAsync(RowWrite.Delete("H|1", written.ETags[0]));

        Assert.Equal([""], deleted.ETags);
        Assert.Null(await FindAsync("H|1"));
    }

    [Fact]
    public async Task Deleting_another_version_is_refused()
    {
        var first = await CommitAsync(RowWrite.Insert("B", Value(1)));
        await CommitAsync(RowWrite.Replace("B", Value(2), first.ETags[0]));

        AssertRefused(CommitRefusal.Changed, 0, await CommitAsync(RowWrite.Delete("B", first.ETags[0])));
        Assert.Equal(2, await ValueAsync("B"));
    }

    [Fact]
    public async Task Deleting_a_missing_row_is_refused()
    {
        var etag = await DeletedETagAsync("B");

        AssertRefused(CommitRefusal.Missing, 0, await CommitAsync(RowWrite.Delete("B", etag)));
    }

    [Fact]
    public async Task Upserting_inserts_and_then_replaces_whole_rows()
    {
        await CommitAsync(RowWrite.Upsert("B", new() { { "Held", 1 }, { "Token", "one" } }));

        var second = await CommitAsync(RowWrite.Upsert("B", new() { { "Held", 2 } }));

        Assert.Equal(new Row(partition, "B", new() { { "Held", 2 } }, second.ETags[0]), await FindAsync("B"));
    }
}
