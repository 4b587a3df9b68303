using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

/// <summary>What every table store promises about several rows, several callers, and versions.</summary>
public abstract partial class TableStoreContract
{
    [Fact]
    public async Task The_refusal_names_the_write_and_nothing_of_the_transaction_is_applied()
    {
        var before = await CommitAsync(RowWrite.Insert("B", Value(1)), RowWrite.Insert("L|1", Value(1)), RowWrite.Insert("H|1", Value(1)));

        var refused = await CommitAsync(
            RowWrite.Replace("B", Value(2), before.ETags[0]),
            RowWrite.Delete("H|1", before.ETags[2]),
            RowWrite.Upsert("K|1", Value(2)),
            RowWrite.Insert("L|1", Value(2)),
            RowWrite.Insert("L|2", Value(2)));

        AssertRefused(CommitRefusal.Exists, 3, refused);
        Assert.Equal(
            [new Row(partition, "B", Value(1), before.ETags[0]), new Row(partition, "H|1", Value(1), before.ETags[2]), new Row(partition, "L|1", Value(1), before.ETags[1])],
            await RangeAsync("A", "~"));
    }

    [Fact]
    public async Task A_hold_is_settled_in_one_transaction_of_every_kind_of_write()
    {
        var held = await CommitAsync(RowWrite.Insert("B", Value(1)), RowWrite.Insert("H|1", Value(1)));

        var settled = await CommitAsync(
            RowWrite.Replace("B", Value(2), held.ETags[0]),
            RowWrite.Delete("H|1", held.ETags[1]),
            RowWrite.Insert("L|1", Value(3)),
            RowWrite.Upsert("U|1", Value(4)));

        Assert.True(settled.Applied);
        Assert.Equal(
            [new Row(partition, "B", Value(2), settled.ETags[0]), new Row(partition, "L|1", Value(3), settled.ETags[2]), new Row(partition, "U|1", Value(4), settled.ETags[3])],
            await RangeAsync("A", "~"));
    }

    [Fact]
    public async Task A_version_never_comes_back()
    {
        var seen = new List<string>();
        for (var round = 0; round < 5; round++)
        {
            seen.AddRange((await CommitAsync(RowWrite.Insert("B", Value(1)))).ETags);
            seen.AddRange((await CommitAsync(RowWrite.Replace("B", Value(1), seen[^1]))).ETags);
            Assert.True((await CommitAsync(RowWrite.Delete("B", seen[^1]))).Applied);
        }

        Assert.Distinct(seen);
        AssertRefused(CommitRefusal.Missing, 0, await CommitAsync(RowWrite.Delete("B", seen[0])));
    }

    [Fact]
    public async Task Of_64_transactions_on_one_version_exactly_one_wins()
    {
        var before = await CommitAsync(RowWrite.Insert("B", Value(0)));

        var results = await Task.WhenAll(Enumerable.Range(1, 64).Select(number =>
            CommitAsync(RowWrite.Replace("B", Value(number), before.ETags[0]), RowWrite.Insert($"L|{number}", Value(number)))));

        var winner = Assert.Single(results, result => result.Applied);
        Assert.All(results.Except([winner]), result => AssertRefused(CommitRefusal.Changed, 0, result));
        var entry = Assert.Single(await RangeAsync("L|", "L}"));
        Assert.Equal(new Row(partition, "B", entry.Columns, winner.ETags[0]), await FindAsync("B"));
    }

    [Fact]
    public async Task A_call_that_was_cancelled_before_it_began_applies_nothing()
    {
        var store = await StoreAsync();
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.CommitAsync(Table, partition, [RowWrite.Insert("B", Value(1))], cancelled));

        Assert.Null(await FindAsync("B"));
    }
}
