using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

/// <summary>What every table store promises about values, keys, and reading in order.</summary>
public abstract partial class TableStoreContract
{
    [Fact]
    public async Task Integers_keep_all_of_their_64_bits()
    {
        var columns = new Columns { { "Least", long.MinValue }, { "Most", long.MaxValue }, { "Zero", 0 }, { "Beyond53", (1L << 53) + 1 }, { "Beyond32", 1L << 32 } };

        await CommitAsync(RowWrite.Insert("B", columns));

        Assert.Equal(columns, (await FindAsync("B"))?.Columns);
    }

    [Fact]
    public async Task Strings_stay_strings_whatever_they_look_like()
    {
        var columns = new Columns
        {
            { "Empty", "" },
            { "Unicode", "Grüße, 世界 🎨 \u200f<&>\"'\\" },
            { "Lines", " first\r\n\tsecond " },
            { "Number", "42" },
            { "Date", "2026-11-23T10:00:00Z" },
            { "Id", "5c3c8f0e-6f0f-4d3e-9a54-2f4a3f1c9b10" },
            { "Truth", "true" },
            { "Long", new string('x', 32_000) },
        };

        await CommitAsync(RowWrite.Insert("B", columns));

        Assert.Equal(columns, (await FindAsync("B"))?.Columns);
    }

    [Fact]
    public async Task A_row_may_have_no_columns()
    {
        await CommitAsync(RowWrite.Insert("B", []));

        Assert.Equal([], (await FindAsync("B"))?.Columns);
    }

    [Fact]
    public async Task A_column_that_was_never_written_reads_as_nothing()
    {
        await CommitAsync(RowWrite.Insert("B", Value(1)));

        var columns = (await FindAsync("B"))!.Columns;

        Assert.Equal((0, ""), (columns.Integer("Later"), columns.Text("Later")));
    }

    [Fact]
    public async Task A_range_is_in_ordinal_order_of_the_keys()
    {
        string[] keys = ["A", "B", "B1", "B~", "H|1", "_", "a", "b", "|", "~"];
        await CommitAsync([.. keys.Reverse().Select(key => RowWrite.Insert(key, Value(1)))]);

        Assert.Equal(keys, await KeysAsync("!", "~~"));
    }

    [Fact]
    public async Task A_range_has_its_lower_bound_and_not_its_upper()
    {
        await CommitAsync(RowWrite.Insert("L|1", Value(1)), RowWrite.Insert("L|2", Value(1)), RowWrite.Insert("L|3", Value(1)));

        Assert.Equal(["L|1", "L|2"], await KeysAsync("L|1", "L|3"));
        Assert.Equal([], await KeysAsync("L|2", "L|2"));
        Assert.Equal(["L|3"], await KeysAsync("L|21", "M"));
    }

    [Fact]
    public async Task A_range_takes_the_first_rows_up_to_its_limit()
    {
        await CommitAsync(RowWrite.Insert("L|1", Value(1)), RowWrite.Insert("L|2", Value(1)), RowWrite.Insert("L|3", Value(1)));

        var rows = await (await StoreAsync()).RangeAsync(Table, partition, "L|", "L}", 2, Cancel);

        Assert.Equal(["L|1", "L|2"], rows.Select(row => row.Key));
    }

    [Theory]
    [InlineData(1_000), InlineData(1_001), InlineData(1_150), InlineData(5_000)]
    public async Task A_range_goes_on_beyond_a_thousand_rows(int limit)
    {
        var keys = Enumerable.Range(0, 1_200).Select(number => number.ToString("D5", CultureInfo.InvariantCulture)).ToArray();
        foreach (var chunk in keys.Chunk(100)) await CommitAsync([.. chunk.Select(key => RowWrite.Insert(key, Value(1)))]);

        var rows = await (await StoreAsync()).RangeAsync(Table, partition, "0", "1", limit, Cancel);

        Assert.Equal(keys.Take(limit), rows.Select(row => row.Key));
    }

    [Fact]
    public async Task Keys_with_quotes_and_letters_beyond_ascii_are_found()
    {
        string[] keys = ["it's", "o''clock", "é", "x y"];
        await CommitAsync([.. keys.Select(key => RowWrite.Insert(key, Value(1)))]);

        foreach (var key in keys) Assert.Equal(key, (await FindAsync(key))?.Key);
        Assert.Equal(["it's"], await KeysAsync("it'", "it't"));
    }

    [Fact]
    public async Task Partitions_and_tables_do_not_see_each_other()
    {
        var store = await StoreAsync();
        await CommitAsync(RowWrite.Insert("B", Value(1)));
        await store.CommitAsync(Table, partition + "-test", [RowWrite.Insert("B", Value(2))], Cancel);
        await store.CommitAsync(TableNames.Keys, partition, [RowWrite.Insert("B", Value(3))], Cancel);

        Assert.Equal(1, await ValueAsync("B"));
        Assert.Equal(["B"], await KeysAsync("A", "~"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Columns Value(long value) => new() { { "Value", value } };

    private static void AssertRefused(CommitRefusal refusal, int writeIndex, CommitResult result) =>
        Assert.Equal((refusal, writeIndex, 0), (result.Refusal, result.WriteIndex, result.ETags.Count));

    private async Task<CommitResult> CommitAsync(params RowWrite[] writes) => await (await StoreAsync()).CommitAsync(Table, partition, writes, Cancel);

    private async Task<Row?> FindAsync(string key) => await (await StoreAsync()).FindAsync(Table, partition, key, Cancel);

    private async Task<long?> ValueAsync(string key) => (await FindAsync(key))?.Columns.Integer("Value");

    private async Task<IReadOnlyList<Row>> RangeAsync(string from, string to) => await (await StoreAsync()).RangeAsync(Table, partition, from, to, 2_000, Cancel);

    private async Task<IEnumerable<string>> KeysAsync(string from, string to) => (await RangeAsync(from, to)).Select(row => row.Key);

    private async Task<string> DeletedETagAsync(string key)
    {
        var written = await CommitAsync(RowWrite.Insert(key, Value(1)));
        await CommitAsync(RowWrite.Delete(key, written.ETags[0]));
        return written.ETags[0];
    }
}
